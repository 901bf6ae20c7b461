"""A module becomes a package that an LMS imports and plays with no connection to the tool."""

VERSION = "0.1.0"
"""The version of the whole project, at hand without asking what is installed."""
