"""Learning modules: parse a folder, check it, choose a language, render its parts.

Knows no web framework, database or LMS protocol, so that the live tool and the packages show
exactly the same module.
"""
