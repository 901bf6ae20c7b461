"""A preview of a module on the author's computer, which follows every edit.

``watch.py`` reads the folder again when a file changed, ``rendering.py`` renders the module or its
problems, ``server.py`` serves the page on the loopback interface.
"""
