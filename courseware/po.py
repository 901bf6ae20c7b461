"""A .po catalogue to the bytes of a .mo, in a few milliseconds.

Babel can do this too, but takes longer for one catalogue than a whole package takes to build. The
formats: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html and MO-Files.html.
"""

import re
import struct
from collections.abc import Iterator

COMPILER = b"1"
"""The version of ``compile_po``: raise it when its result changes, for what is kept of it."""

_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d+)\])?\s+)?"(.*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_MAGIC = 0x950412DE
_HEADER = struct.Struct("<7I")
_ENTRY = struct.Struct("<2I")


def compile_po(source: bytes) -> bytes:
    """Return the .mo of a .po in UTF-8. What is fuzzy or not wholly translated is left out."""
    messages: dict[bytes, bytes] = {}
    for entry in re.split(r"\n\s*\n", source.decode("utf-8-sig").replace("\r\n", "\n")):
        for key, value in _message(entry):
            messages[key.encode()] = value.encode()
    return _written(sorted(messages.items()))


def _message(entry: str) -> Iterator[tuple[str, str]]:
    parts: dict[tuple[str, int], str] = {}
    fuzzy = False
    current = ("", 0)
    for line in entry.split("\n"):
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        if match[1]:
            current = (match[1], int(match[2] or 0))
        text = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), match[3])
        parts[current] = parts.get(current, "") + text
    forms = [text for (kind, _), text in sorted(parts.items()) if kind == "msgstr"]
    original = parts.get(("msgid", 0))
    if original is None or not all(forms) or not forms or (fuzzy and original):
        return
    context, plural = parts.get(("msgctxt", 0)), parts.get(("msgid_plural", 0))
    key = original if context is None else f"{context}\x04{original}"
    yield (key if plural is None else f"{key}\0{plural}"), "\0".join(forms)


def _written(messages: list[tuple[bytes, bytes]]) -> bytes:
    """Lay out the tables of a .mo: header, places of the keys, places of the values, texts."""
    count = len(messages)
    keys_at = _HEADER.size
    values_at = keys_at + count * _ENTRY.size
    texts_at = values_at + count * _ENTRY.size
    header = _HEADER.pack(_MAGIC, 0, count, keys_at, values_at, 0, texts_at)
    tables, texts = bytearray(), bytearray()
    for column in (0, 1):
        for pair in messages:
            tables += _ENTRY.pack(len(pair[column]), texts_at + len(texts))
            texts += pair[column] + b"\0"
    return header + bytes(tables) + bytes(texts)
