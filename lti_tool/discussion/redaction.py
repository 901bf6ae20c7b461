"""Remove an erased person from the texts of others: quotes of the person's posts, and the name.

A quote is a line of a Markdown blockquote whose text stands in one of the erased texts. The name is
removed where it is mentioned (``@name``), in quotes, and, if it has several words, anywhere: others
could hardly have meant somebody else.
"""

import re
from collections.abc import Collection, Iterable

REMOVED = "[…]"
_SHORTEST_QUOTE = 12
"""Characters: a shorter quoted line is removed only if the whole quote stands in an erased text."""
_QUOTED = re.compile(r"^(?P<mark>[ \t]{0,3}(?:>[ \t]?)+)(?P<text>.*)$")
_NOT_A_WORD = re.compile(r"[\W_]+")


class Redactor:
    """Removes one person, known by ``names`` and by the ``texts`` that are erased."""

    def __init__(self, names: Collection[str], texts: Iterable[str]) -> None:
        self._texts = [plain for plain in map(_plain, texts) if plain.strip()]
        cleaned = sorted({" ".join(name.split()) for name in names} - {""}, key=len, reverse=True)
        patterns = [r"[\s_*]+".join(map(re.escape, name.split(" "))) for name in cleaned]
        everywhere = [
            pattern for name, pattern in zip(cleaned, patterns, strict=True) if " " in name
        ]
        self._anywhere = _compiled([f"@?(?<!\\w){each}(?!\\w)" for each in everywhere])
        self._mention = _compiled([f"@{each}(?!\\w)" for each in patterns])
        self._in_quote = _compiled([f"(?<!\\w){each}(?!\\w)" for each in patterns])

    def redacted(self, source: str) -> str:
        """Return the text of somebody else without the person; the same text if there is nothing.

        Takes time linear in the length of the text, times that of the erased texts.
        """
        lines = source.split("\n")
        for start, end in _quotes(lines):
            self._redact_quote(lines, start, end)
        text = "\n".join(lines)
        for pattern, value in ((self._mention, f"@{REMOVED}"), (self._anywhere, REMOVED)):
            if pattern is not None:
                text = pattern.sub(value, text)
        return text

    def _redact_quote(self, lines: list[str], start: int, end: int) -> None:
        matches = [_QUOTED.match(line) for line in lines[start:end]]
        quoted = [match["text"] for match in matches if match]
        whole = self._stands_in_texts(" ".join(quoted))
        for index, match in zip(range(start, end), matches, strict=True):
            assert match is not None
            text = match["text"]
            if not text.strip():
                continue
            long_enough = len(_plain(text)) >= _SHORTEST_QUOTE
            if whole or (long_enough and self._stands_in_texts(text)):
                lines[index] = match["mark"] + REMOVED
            elif self._in_quote is not None:
                lines[index] = match["mark"] + self._in_quote.sub(REMOVED, text)

    def _stands_in_texts(self, text: str) -> bool:
        plain = _plain(text)
        return bool(plain.strip()) and any(plain in each for each in self._texts)


def _quotes(lines: list[str]) -> Iterable[tuple[int, int]]:
    """Yield first line and end of each run of quoted lines."""
    start = None
    for index, line in enumerate([*lines, ""]):
        if index < len(lines) and _QUOTED.match(line):
            start = index if start is None else start
        elif start is not None:
            yield start, index
            start = None


def _plain(text: str) -> str:
    """Return the words alone, with one space around each, in lower case."""
    return f" {_NOT_A_WORD.sub(' ', text).strip().casefold()} "


def _compiled(alternatives: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None
