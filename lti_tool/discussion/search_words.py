"""Words of posts for the search: the same on SQLite and PostgreSQL, regardless of their locale.

Text is folded (:func:`fold`): letters without case, accents and vowel points, with one form for the
variants of a letter. Words of most scripts are indexed whole; a word of a query finds all words
that begin with it. Scripts that are written without spaces are indexed as overlapping pieces, two
characters long for Chinese and Japanese, three for Thai, Lao, Khmer and Burmese: each substring is
found, of one character too.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

MAX_QUERY = 200
"""Characters of a query; the rest is not searched."""
MAX_TERMS = 8
"""Words of a query; the rest is not searched."""
MAX_WORD = 40
"""Letters of a word that count."""

_SPELLINGS = {
    "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
    "ŋ": "n", "ə": "e",
    "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه", "ـ": "",
}  # fmt: skip
_STRIPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\ufe00-\ufe0f]"
)
"""Accents and vowel points. Marks of other scripts are vowels of the word."""
_HANGUL = range(0xAC00, 0xD7A4)
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U00020000-\U0003ffff"
)
_SOUTH_EAST_ASIA = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_RUNS = re.compile(f"[{_CJK}]+|[{_SOUTH_EAST_ASIA}]+|[^ {_CJK}{_SOUTH_EAST_ASIA}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_IS_SOUTH_EAST_ASIAN = re.compile(f"[{_SOUTH_EAST_ASIA}]")
ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "ال", "لل", "و")
"""Article, prepositions and conjunction, written without a space before the word."""


class _Folding(dict[int, str]):
    """What ``str.translate`` replaces each character by; a space between words."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if ord(character) in _HANGUL:
        return character
    plain = unicodedata.normalize("NFKD", _SPELLINGS.get(character, character)).casefold()
    plain = unicodedata.normalize("NFC", _STRIPPED.sub("", unicodedata.normalize("NFKD", plain)))
    return "".join(_fold_plain(each) for each in plain)


def _fold_plain(character: str) -> str:
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category[0] in "LNM":
        return character
    return "" if category == "Cf" else " "


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text as it is compared: folded words, with spaces between them."""
    return text.translate(_FOLDING)


class Token(NamedTuple):
    """What is looked for in the index: ``text``, or all that begins with it (``prefix``)."""

    text: str
    prefix: bool


def is_unspaced(run: str) -> bool:
    """Whether a run of letters is of a script that is written without spaces."""
    if run.isascii():
        return False
    return _IS_CJK.match(run) is not None or _IS_SOUTH_EAST_ASIAN.match(run) is not None


def _size(run: str) -> int:
    """Return the length of the pieces of a run without spaces."""
    return 2 if _IS_CJK.match(run) else 3


def stem(word: str) -> str:
    """Return an Arabic word without the article and what is written together with it."""
    if word.isascii():
        return word
    for prefix in ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) >= len(prefix) + (3 if len(prefix) == 1 else 2):
            return word.removeprefix(prefix)
    return word


def index_words(folded: str) -> set[str]:
    """Return the words and pieces under which a folded text is indexed."""
    found: set[str] = set()
    for run in _RUNS.findall(folded):
        if is_unspaced(run):
            size = _size(run)
            found.update(run[start : start + size] for start in range(len(run)))
        else:
            word = run[:MAX_WORD]
            found.add(word)
            found.add(stem(word))
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query, as typed between spaces: all its ``runs`` must be found.

    A run is a word, or a sequence of letters without spaces.
    """

    runs: tuple[str, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """What must be in the index for a post to have this term. A letter alone is a word."""
        found: list[Token] = []
        for run in self.runs:
            if not is_unspaced(run):
                word = stem(run[:MAX_WORD])
                found.append(Token(word, prefix=len(word) > 1))
            elif len(run) < (size := _size(run)):
                found.append(Token(run, prefix=True))
            else:
                pieces = (run[start : start + size] for start in range(len(run) - size + 1))
                found.extend(Token(piece, prefix=False) for piece in pieces)
        return tuple(dict.fromkeys(found))

    def is_in(self, words: Set[str]) -> bool:
        """Whether indexed words have this term."""
        return all(
            any(word.startswith(token.text) for word in words)
            if token.prefix
            else token.text in words
            for token in self.tokens
        )


class Query(NamedTuple):
    """What is searched. ``cut``: the typed query had more words or characters than are searched."""

    terms: tuple[Term, ...]
    cut: bool = False


def parse_query(typed: str) -> Query:
    """Return the terms of a query, without repetitions; none if it has neither letter nor digit."""
    found = []
    for word in typed[:MAX_QUERY].split():
        runs = tuple(_RUNS.findall(fold(word)))
        if runs:
            found.append(Term(runs))
    terms = tuple(dict.fromkeys(found))
    cut = len(terms) > MAX_TERMS or len(typed.strip()) > MAX_QUERY
    return Query(terms[:MAX_TERMS], cut)


_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|code|del|em|i|ins|mark|s|span|strong|sub|sup|u)\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")


def plain_text(post_html: str) -> str:
    """Return the text of a post's HTML, on one line."""
    text = _TAG.sub(" ", _INLINE_TAG.sub("", post_html))
    return " ".join(html.unescape(text).split())


def matches(text: str, terms: Sequence[Term], within: int | None = None) -> list[tuple[int, int]]:
    """Return where the terms are in a text, as pairs of begin and end, in order.

    ``within``: only those in so many characters after the first one.
    """
    folded, offsets = _with_offsets(text)
    wholes = {run for term in terms for run in term.runs if not is_unspaced(run)}
    prefixes = tuple({stem(run[:MAX_WORD]) for run in wholes if len(stem(run)) > 1})
    letters = {run for run in wholes if len(run) == 1}
    pieces = {run for term in terms for run in term.runs if is_unspaced(run)}
    spans: list[tuple[int, int]] = []
    plain = folded.isascii()  # nothing is unspaced, or Arabic
    for found in _RUNS.finditer(folded):
        run = found.group()
        if within is not None and spans and found.start() > spans[0][0] + within:
            break
        if not plain and is_unspaced(run):
            for piece in pieces:
                spans.extend(
                    (found.start() + start, found.start() + start + len(piece))
                    for start in _occurrences(run, piece)
                )
        elif (
            run.startswith(prefixes)
            or run in letters
            or (not plain and stem(run).startswith(prefixes))
        ):
            spans.append(found.span())
    return list(_merged(sorted((offsets[start], offsets[end]) for start, end in spans)))


def _with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and for each of its characters the position in the text."""
    if text.isascii() or all(len(_FOLDING[ord(each)]) == 1 for each in set(text)):
        return fold(text), range(len(text) + 1)
    folded = [character.translate(_FOLDING) for character in text]
    offsets = [at for at, piece in enumerate(folded) for _ in piece]
    return "".join(folded), [*offsets, len(text)]


def _occurrences(run: str, piece: str) -> Iterator[int]:
    at = run.find(piece)
    while at >= 0:
        yield at
        at = run.find(piece, at + len(piece))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begin, end = -1, -1
    for start, stop in spans:
        if start > end:
            if end > begin:
                yield begin, end
            begin, end = start, stop
        else:
            end = max(end, stop)
    if end > begin:
        yield begin, end


class Piece(NamedTuple):
    """A part of a snippet; ``found``: it matches the query."""

    text: str
    found: bool


SNIPPET = 240
"""Characters of a snippet, about."""
_BEFORE = 60


def snippet(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return the part of a text around its first match, split at the matches."""
    begin = max(spans[0][0] - _BEFORE, 0) if spans else 0
    end = min(begin + SNIPPET, len(text))
    if begin:
        begin = _boundary(text, begin, text.find)
    if end < len(text):
        end = _boundary(text, end, text.rfind)
    pieces = [Piece("… ", found=False)] if begin else []
    at = begin
    for start, stop in spans:
        if stop > end:
            break
        pieces += [Piece(text[at:start], found=False), Piece(text[start:stop], found=True)]
        at = stop
    pieces.append(Piece(text[at:end], found=False))
    if end < len(text):
        pieces.append(Piece(" …", found=False))
    return [piece for piece in pieces if piece.text]


def _boundary(text: str, at: int, find: Callable[[str, int, int], int]) -> int:
    """Return the position of a space near ``at``; ``at`` itself if there is none."""
    around = (at, at + _BEFORE // 2) if find == text.find else (at - _BEFORE // 2, at)
    space = find(" ", *around)
    if space >= 0:
        return space + 1 if find == text.find else space
    while at < len(text) and unicodedata.category(text[at])[0] == "M":
        at += 1
    return at
