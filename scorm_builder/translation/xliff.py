"""Write and read XLIFF 2.0 (OASIS, http://docs.oasis-open.org/xliff/xliff-core/v2.0/).

Imported files are not trusted: document types, and with them entities, are errors, and sizes are
limited. Tools may split a unit into segments, add inline elements and alternatives; the text of a
unit is the text of its segments, in order.
"""

import re
from collections.abc import Iterable
from xml.parsers import expat

from scorm_builder.translation.entries import MAX_UNITS, Entry, Exchange, ExchangeError
from scorm_builder.translation.units import Unit

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_DEEPEST = 50
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def write(units: Iterable[Unit], source: str, target: str) -> str:
    """Return the document; outdated translations have the state ``initial``."""
    files: dict[str, list[Unit]] = {}
    for unit in units:
        files.setdefault(unit.file, []).append(unit)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<xliff xmlns="{NAMESPACE}" version="2.0" srcLang="{source}" trgLang="{target}">')
    for number, (name, inside) in enumerate(files.items(), 1):
        lines.append(f'<file id="f{number}" original="{_escaped(name)}" xml:space="preserve">')
        for unit in inside:
            lines += _unit(unit)
        lines.append("</file>")
    return "\n".join([*lines, "</xliff>", ""])


def _unit(unit: Unit) -> Iterable[str]:
    state = "translated" if unit.status == "translated" and unit.target else "initial"
    yield f'<unit id="{unit.id}" canResegment="no">'
    notes = [unit.note] + (
        ["The source has changed since this was translated."] if unit.status == "outdated" else []
    )
    yield f"<notes>{''.join(f'<note>{_escaped(note)}</note>' for note in notes)}</notes>"
    target = f"<target>{_escaped(unit.target)}</target>" if unit.target else ""
    source = f"<source>{_escaped(unit.source)}</source>"
    yield f'<segment state="{state}">{source}{target}</segment>'
    yield "</unit>"


def _escaped(text: str) -> str:
    return _ILLEGAL.sub(lambda one: f'<cp hex="{ord(one[0]):04X}"/>', text.translate(_ESCAPES))


def read(data: bytes) -> Exchange:
    """Return the content of a document. Raises ``ExchangeError`` if it is not valid."""
    reader = _XliffParser()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        words = f"line {error.lineno}: {expat.ErrorString(error.code)}"
        raise ExchangeError(f"The XML is broken, {words}.") from None
    except (UnicodeDecodeError, ValueError, LookupError):
        raise ExchangeError("The text is not in the encoding that it declares.") from None
    return Exchange(reader.source, reader.target, tuple(reader.entries))


class _XliffParser:
    """Collect the units of an XLIFF file from the events of expat."""

    def __init__(self) -> None:
        self.source = self.target = ""
        self.entries: list[Entry] = []
        self.parser = expat.ParserCreate(namespace_separator="|")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._path: list[str] = []
        self._into: list[str] | None = None
        self._begin("")

    def _begin(self, name: str) -> None:
        self._id = name
        self._sources: list[str] = []
        self._targets: list[str] = []
        self._states: list[str] = []
        self._whole = True

    def _doctype(self, *_: object) -> None:
        raise ExchangeError("A document type (DTD) with its entities is refused: XLIFF needs none.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition("|")
        if not self._path:
            self._root(namespace, local, attributes)
        if len(self._path) >= _DEEPEST:
            raise ExchangeError("The elements are too deep inside each other for XLIFF.")
        core = local if namespace == NAMESPACE else name
        parent = self._path[-1] if self._path else ""
        self._path.append(core)
        if core == "unit":
            self._begin(attributes.get("id", ""))
        elif core in ("segment", "ignorable") and parent == "unit":
            if core == "segment":
                self._states.append(attributes.get("state", "initial"))
            self._has_target = False
        elif core in ("source", "target") and parent in ("segment", "ignorable"):
            self._into = self._sources if core == "source" else self._targets
            self._has_target = self._has_target or core == "target"
            self._last_source = len(self._sources) if core == "source" else self._last_source
        elif core == "cp" and self._into is not None:
            self._into.append(_character(attributes.get("hex", "")))

    def _root(self, namespace: str, local: str, attributes: dict[str, str]) -> None:
        if local != "xliff":
            raise ExchangeError(f"This is not XLIFF: its element is <{local[:40]}>.")
        if namespace != NAMESPACE:
            version = attributes.get("version", "another version")
            raise ExchangeError(
                f"This is XLIFF {version[:20]}: save it as XLIFF 2.0 (or 2.1), or as PO."
            )
        self.source = attributes.get("srcLang", "")
        self.target = attributes.get("trgLang", "")

    def _end(self, _: str) -> None:
        core = self._path.pop()
        parent = self._path[-1] if self._path else ""
        if core in ("source", "target") and parent in ("segment", "ignorable"):
            self._into = None
        elif core == "ignorable" and parent == "unit" and not self._has_target:
            self._targets += self._sources[self._last_source :]
        elif core == "segment" and parent == "unit":
            self._whole = self._whole and self._has_target
        elif core == "unit":
            self._finish()

    def _finish(self) -> None:
        if len(self.entries) >= MAX_UNITS:
            raise ExchangeError(f"There are more than {MAX_UNITS:,} units: no module has so many.")
        target = "".join(self._targets) if self._whole else ""
        done = True if self._states and "initial" not in self._states else None
        self.entries.append(Entry(self._id, "".join(self._sources), target, done))

    _has_target = False
    _last_source = 0

    def _text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)


def _character(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
