"""Split Markdown into translation units, and join them again.

A unit is a paragraph, a heading, a list item, a table, a quotation or a code block, with its
Markdown. What is between them (blank lines, link reference definitions) is copied from the source.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from courseware.markdown import parse_blocks

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_DIGEST_LENGTH = 12
GAP = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: ``kind`` is the token type of Markdown, or GAP; ``line`` counts from 0."""

    kind: str
    text: str
    line: int

    @property
    def is_unit(self) -> bool:
        """Whether there is anything to translate in it."""
        return self.kind not in (GAP, "html_block", "hr") and any(map(str.isalpha, self.text))


def split(markdown: str) -> tuple[Piece, ...]:
    """Return the pieces of a text, which joined are the text again."""
    lines = _LINE.findall(markdown)
    pieces: list[Piece] = []
    at = 0
    for start, stop, kind in _ranges(markdown):
        end = min(stop, len(lines))
        while end > start and not lines[end - 1].strip():
            end -= 1
        if start < at or end <= start:
            continue
        text = "".join(lines[start:end])
        tail = "\n" if text.endswith("\n") else ""
        pieces.append(Piece(GAP, "".join(lines[at:start]), at))
        pieces.append(Piece(kind, text.removesuffix("\n"), start))
        pieces.append(Piece(GAP, tail, end))
        at = end
    pieces.append(Piece(GAP, "".join(lines[at:]), at))
    return tuple(piece for piece in pieces if piece.text)


def _ranges(markdown: str) -> list[tuple[int, int, str]]:
    """Return start line, end line and type of each block; of a list, those of its items."""
    found = []
    for token in parse_blocks(markdown):
        if token.map is None or token.nesting < 0:
            continue
        is_list = token.type in ("bullet_list_open", "ordered_list_open")
        if (token.level == 0 and not is_list) or (
            token.level == 1 and token.type == "list_item_open"
        ):
            found.append((token.map[0], token.map[1], token.type.removesuffix("_open")))
    return found


def units(markdown: str) -> list[Piece]:
    """Return the pieces that are to be translated."""
    return [piece for piece in split(markdown) if piece.is_unit]


def kinds(pieces: list[Piece]) -> list[str]:
    """Return the types of the pieces: texts with equal ones have the same structure."""
    return [piece.kind for piece in pieces]


def with_translations(markdown: str, translations: Mapping[int, str]) -> str:
    """Return a text with its units replaced, by their index."""
    result = []
    index = 0
    for piece in split(markdown):
        if piece.is_unit:
            result.append(translations[index])
            index += 1
        else:
            result.append(piece.text)
    return "".join(result)


def is_like(source: Piece, text: str) -> bool:
    """Tell whether ``text`` can replace a piece: it is one piece of the same type."""
    found = [piece for piece in split(text) if piece.kind != GAP]
    return len(found) == 1 and found[0].kind == source.kind and found[0].text == text


def digest(text: str) -> str:
    """Return the beginning of the SHA-256 of a text, which identifies it in ids and records."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
