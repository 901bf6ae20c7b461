"""The names of the formats, apart from all that knows what they are: the command line needs no
more.
"""

FORMATS = (
    "scorm12",
    "cc11",
    "cc13",
    "website",
)
