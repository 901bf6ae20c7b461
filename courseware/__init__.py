"""What a module is: read a folder, check it, choose a language, render its parts.

Knows no web framework, no database and no LMS protocol, so the live tool and the builder of
packages show exactly the same module.
"""
