"""Where the folders that are not code are found.

In a checkout they stand beside the packages; in an installed wheel they travel inside
``courseware/_data``. Everything asks here, so both work alike.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _place(name: str) -> Path:
    packed = _HERE / "_data" / name
    return packed if packed.is_dir() else _HERE.parent / name


def content() -> Path:
    """The modules, a folder each."""
    return _place("content")


def templates() -> Path:
    """The Jinja templates."""
    return _place("templates")


def static() -> Path:
    """The stylesheet, the script and the icon that every page uses."""
    return _place("templates") / "static"


def translations() -> Path:
    """The gettext catalogues of the interface: ``<language>/LC_MESSAGES/minga.po``."""
    return _place("translations")
