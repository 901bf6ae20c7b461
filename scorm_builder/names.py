"""The names of the formats, apart from all that knows what they are: the command line needs no
more.
"""

FORMATS = (
    "scorm12",
    "scorm2004-3",
    "scorm2004-4",
    "cc11",
    "cc13",
    "website",
    "epub",
    "print",
)

ONE_LANGUAGE = ("epub", "print")
"""Those of which a package holds one language only: a module becomes several."""
