"""Build packages of a module, which an LMS imports and plays without the live tool."""

VERSION = "0.1.0"
"""The version of the project, without reading the installed metadata."""
