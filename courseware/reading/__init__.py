"""The steps by which a folder is read: its files, its structure, its texts, its media.

Each step tells the report what it finds and goes on with what it understood, so that an author
hears of everything at once. ``courseware.reader`` puts the steps together.
"""
