"""A module becomes a package that an LMS imports and plays with no connection to the tool."""
