"""Check that SVG drawings contain no scripts and load nothing from elsewhere.

Browsers run no scripts of a drawing in ``<img>``, but its URL can be opened directly, where it
would run in the tool's origin.
"""

import re
from collections.abc import Callable
from xml.parsers import expat

from courseware.parser.report import Report, shown

_REMEDY = "Export the drawing again as plain SVG, or use a PNG."
_FORBIDDEN = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler"}
_EXTERNAL = re.compile(r"\s*(?:https?:|//|javascript:|data:(?!image/(?:png|jpeg|gif|webp)))", re.I)
_STYLE_EXTERNAL = re.compile(r"@import|url\(\s*['\"]?\s*(?:https?:|//|javascript:)", re.I)


class _RefusedError(Exception):
    """Ends parsing at the first error."""


def check_drawing(data: bytes, file: str, report: Report) -> None:
    """Report the first thing in ``data`` that a plain SVG drawing must not have."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    in_style = False
    root = True

    def refuse(what: str) -> None:
        raise _RefusedError(what)

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_style, root
        local = name.rpartition(":")[2].lower()
        if root and local != "svg":
            refuse("The file is not an SVG drawing.")
        root = False
        if local in _FORBIDDEN:
            refuse(f'The drawing has a part "{shown(local)}", which could run a program.')
        in_style = local == "style"
        for key, value in attributes.items():
            _check_attribute(local, key.rpartition(":")[2].lower(), value, refuse)

    def text(data: str) -> None:
        if in_style and _STYLE_EXTERNAL.search(data):
            refuse("The drawing calls for something from another place.")

    def leave(_: str) -> None:
        nonlocal in_style
        in_style = False

    parser.buffer_text = True
    parser.StartElementHandler = element
    parser.EndElementHandler = leave
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = lambda *_: refuse("The drawing defines entities of its own.")
    parser.ProcessingInstructionHandler = lambda *_: refuse(
        "The drawing calls for a stylesheet or a program."
    )
    try:
        parser.Parse(data, True)
    except _RefusedError as refused:
        report.error(file, parser.CurrentLineNumber, str(refused), _REMEDY)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = error.lineno if isinstance(error, expat.ExpatError) else None
        report.error(file, line, "The drawing cannot be read as SVG.", _REMEDY)


def _check_attribute(element: str, name: str, value: str, refuse: Callable[[str], None]) -> None:
    if name.startswith("on"):
        refuse("The drawing has a script.")
    if name in ("href", "src") and element != "a" and _EXTERNAL.match(value):
        refuse("The drawing calls for something from another place.")
    if name == "href" and re.match(r"\s*javascript:", value, re.I):
        refuse("The drawing has a script.")
    if _STYLE_EXTERNAL.search(value):
        refuse("The drawing calls for something from another place.")
