"""Paths of the folders that are not code: modules, templates, static files, translations.

In a checkout they are beside the packages; an installed wheel contains them in
``courseware/_data``.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def installed() -> bool:
    """Whether the package runs from an installed wheel, not from a checkout."""
    return (_HERE / "_data").is_dir()


def _folder(name: str) -> Path:
    return (_HERE / "_data" if installed() else _HERE.parent) / name


def content() -> Path:
    """The modules, one folder each."""
    return _folder("content")


def templates() -> Path:
    """The Jinja templates."""
    return _folder("templates")


def static() -> Path:
    """The stylesheet, the modules of the script and the icon that every page uses."""
    return templates() / "static"


SEPARATE_SCRIPTS = ("administrators.js", "full_window.js")
"""Scripts that only the pages which name them load, with modules of the script."""


def scripts() -> list[str]:
    """Names of the modules of the script; ``minga.js`` imports the others."""
    names = {path.name for path in static().glob("*.js")}
    return sorted(names.difference(SEPARATE_SCRIPTS))


def translations() -> Path:
    """The gettext catalogs of the user interface: ``<language>/LC_MESSAGES/minga.po``."""
    return _folder("translations")
