"""A module's page on the author's own computer, which follows every edit.

``watch.py`` looks at the folder and reads it again when a file changed, ``pages.py`` renders what
was read or what is wrong with it, ``server.py`` answers the browser, on loopback only.
"""
