"""The names of the formats, apart from all that knows what they are: the command line needs no
more.
"""

FORMATS = (
    "scorm12",
    "scorm2004-3",
    "scorm2004-4",
    "cmi5",
    "cc11",
    "cc13",
    "website",
    "epub",
    "print",
)

WITH_SCOS = ("scorm12", "scorm2004-3", "scorm2004-4")
"""Those whose packages can have one SCO for each section."""

UNPACKED = ("website",)
"""Those that can be a folder as well as a zip."""

ONE_LANGUAGE = ("epub", "print")
"""Those of which a package holds one language only: a module becomes several."""
