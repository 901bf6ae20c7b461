r"""Gettext's PO (https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html): out and in.

A unit's id is its context (``msgctxt``), so that equal words in two places stay two. A translation
that is out of date is fuzzy, and what is fuzzy when it comes back is not taken.
"""

import re
from collections.abc import Iterable, Iterator

from scorm_builder.translation.entries import MOST_UNITS, Entry, Exchange, ExchangeError
from scorm_builder.translation.units import Unit

_LINE = re.compile(r'(?:(msgctxt|msgid|msgstr)\s+)?"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_HEADER = re.compile(r"^(Language|X-Source-Language):\s*(\S+)\s*$", re.MULTILINE)


def write(units: Iterable[Unit], source: str, target: str) -> str:
    """Return the catalogue."""
    header = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": target,
        "X-Source-Language": source,
    }
    text = "".join(f"{name}: {value}\n" for name, value in header.items())
    entries = [_field("msgid", "") + _field("msgstr", text)]
    return "\n".join([*entries, *map(_entry, units)])


def _entry(unit: Unit) -> str:
    place = unit.file if unit.line is None else f"{unit.file}:{unit.line}"
    head = f"#. {unit.note}\n#: {place}\n"
    if unit.status == "outdated" and unit.target:
        head += "#, fuzzy\n"
    fields = (("msgctxt", unit.id), ("msgid", unit.source), ("msgstr", unit.target or ""))
    return head + "".join(_field(name, text) for name, text in fields)


def _field(name: str, text: str) -> str:
    pieces = re.findall(r"[^\n]*\n|[^\n]+", text) or [""]
    lines = [f'"{"".join(_ESCAPES.get(mark, mark) for mark in piece)}"' for piece in pieces]
    first = [] if len(lines) == 1 else ['""']
    return f"{name} " + "\n".join((*first, *lines)) + "\n"


def read(data: bytes) -> Exchange:
    """Return what a catalogue says; ``ExchangeError`` if it is not read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ExchangeError("The catalogue is not saved as UTF-8.") from None
    languages: dict[str, str] = {}
    entries = []
    for fields, fuzzy in _messages(text.replace("\r\n", "\n").split("\n")):
        if not fields.get("msgid") and "msgctxt" not in fields:
            languages.update(_HEADER.findall(fields.get("msgstr", "")))
        elif "msgctxt" in fields:
            target = fields.get("msgstr", "")
            entries.append(Entry(fields["msgctxt"], fields["msgid"], target, not fuzzy))
    if len(entries) > MOST_UNITS:
        raise ExchangeError(f"There are more than {MOST_UNITS:,} messages: no module has so many.")
    return Exchange(
        languages.get("X-Source-Language", ""), languages.get("Language", ""), tuple(entries)
    )


def _messages(lines: list[str]) -> Iterator[tuple[dict[str, str], bool]]:
    fields: dict[str, list[str]] = {}
    current, fuzzy, next_fuzzy = "", False, False
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            next_fuzzy = next_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or current):
            raise ExchangeError(f"Line {number} is not one of a PO catalogue: {line[:60]!r}.")
        if match[1] == "msgctxt" or (match[1] == "msgid" and "msgid" in fields):
            if "msgid" in fields:
                yield {name: "".join(parts) for name, parts in fields.items()}, fuzzy
            fields = {}
        if match[1] and not fields:
            fuzzy, next_fuzzy = next_fuzzy, False
        current = match[1] or current
        unescaped = _ESCAPE.sub(lambda one: _ESCAPED.get(one[1], one[1]), match[2])
        fields.setdefault(current, []).append(unescaped)
    if "msgid" in fields:
        yield {name: "".join(parts) for name, parts in fields.items()}, fuzzy
