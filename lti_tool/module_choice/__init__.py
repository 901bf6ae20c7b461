"""Choose the module of a resource link, and add modules to a course by deep linking."""
