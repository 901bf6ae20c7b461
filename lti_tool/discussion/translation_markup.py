"""Split the HTML of a post into texts to translate, and put the translations in their places.

The translation service gets plain texts only: one for each paragraph, list item, table cell or
line. Inside a text, what must not change is a placeholder (``[X1X]``): the tags of links and of
emphasis, code, mentions, URLs and e-mail addresses. Services often lose, double or translate
placeholders, so a translated text is accepted only if each one comes back exactly once. Otherwise
the text is translated in pieces, from one placeholder to the next.

Tags come from the post's own sanitized HTML, and translated texts are escaped, so a service cannot
add markup.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from courseware.markdown.html import escape

_INLINE = ("a", "em", "strong", "s")
_WHOLE = ("pre", "code", "span", "bdi")
"""Elements that are kept with their content."""
# The lookbehinds keep the search linear.
_KEPT_TEXT = re.compile(
    r"https?://\S+"
    r"|(?<![\w.%+-])[\w.%+-]++@[\w.-]+"
    r"|(?<!\w)@\w[\w.-]*"
    r"|\[\s*[Xx]\s*\d+\s*[Xx]\s*\]"
)
_PLACEHOLDER = re.compile(r"\[\s*[Xx]\s*(\d{1,4})\s*[Xx]\s*\]")
_SPACE_AROUND = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A text to translate: ``pieces`` of text, with the HTML ``kept`` between two of them.

    ``pairs`` are the positions in ``kept`` of start and end tags that belong together.
    """

    pieces: tuple[str, ...]
    kept: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The text with placeholders."""
        shown = [self.pieces[0]]
        for number, piece in enumerate(self.pieces[1:], 1):
            shown += (f"[X{number}X]", piece)
        return "".join(shown)

    def fill(self, translated: str) -> str | None:
        """Return the HTML of a translation; None unless each placeholder is in it exactly once."""
        parts = _PLACEHOLDER.split(translated)
        order = [int(number) - 1 for number in parts[1::2]]
        if sorted(order) != list(range(len(self.kept))):
            return None
        if any(order.index(start) > order.index(end) for start, end in self.pairs):
            return None
        shown = [escape(parts[0])]
        for position, text in zip(order, parts[2::2], strict=True):
            shown += (self.kept[position], escape(text))
        return "".join(shown)

    def translatable(self) -> list[str]:
        """Return the pieces that have letters, without the space around them."""
        return [piece.strip() for piece in self.pieces if _has_letters(piece)]

    def fill_pieces(self, translated: Iterator[str]) -> str:
        """Return the HTML with each piece translated by itself."""
        shown = []
        for number, piece in enumerate(self.pieces):
            if number:
                shown.append(self.kept[number - 1])
            if _has_letters(piece):
                match = _SPACE_AROUND.fullmatch(piece)
                assert match is not None
                answer = _PLACEHOLDER.sub("", next(translated))  # there was none
                piece = f"{match[1]}{answer}{match[3]}"
            shown.append(escape(piece))
        return "".join(shown)


Part = str | Segment
"""HTML that stays as it is, or a text to translate."""


def split(html: str) -> list[Part]:
    """Split sanitized HTML into what stays and what is translated."""
    splitter = _Splitter()
    splitter.feed(html)
    splitter.close()
    return splitter.finished()


def translate(html: str, request: Callable[[Sequence[str]], Sequence[str]]) -> str | None:
    """Return the translated HTML; None if it has nothing to translate.

    ``request`` translates texts; it is called once, and again if placeholders were lost.
    """
    parts = split(html)
    segments = [part for part in parts if isinstance(part, Segment)]
    if not segments:
        return None
    answers = request([segment.text for segment in segments])
    filled = [segment.fill(answer) for segment, answer in zip(segments, answers, strict=True)]
    lost = [segment for segment, found in zip(segments, filled, strict=True) if found is None]
    pieces = [piece for segment in lost for piece in segment.translatable()]
    translated = iter(request(pieces)) if pieces else iter(())
    shown = iter(
        found if found is not None else segment.fill_pieces(translated)
        for segment, found in zip(segments, filled, strict=True)
    )
    return "".join(next(shown) if isinstance(part, Segment) else part for part in parts)


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


@dataclass(slots=True)
class _Piece:
    """A piece of a run of inline content. ``tag`` is set on start and end tags."""

    html: str
    text: str | None = None
    tag: str | None = None
    closes: bool = False


class _Splitter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[Part] = []
        self._run: list[_Piece] = []
        self._whole: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        if self._depth or tag in _WHOLE:
            self._depth += tag in _WHOLE
            self._whole.append(raw)
        elif tag in _INLINE:
            self._run.append(_Piece(raw, tag=tag))
        else:
            self._boundary(raw)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        raw = f"</{tag}>"
        if self._depth:
            self._whole.append(raw)
            self._depth -= tag in _WHOLE
            if not self._depth:
                self._run.append(_Piece("".join(self._whole)))
                self._whole.clear()
        elif tag in _INLINE:
            self._run.append(_Piece(raw, tag=tag, closes=True))
        else:
            self._boundary(raw)

    def handle_data(self, data: str) -> None:
        if self._depth:
            self._whole.append(escape(data))
            return
        end = 0
        for match in _KEPT_TEXT.finditer(data):
            self._add_text(data[end : match.start()])
            self._run.append(_Piece(escape(match[0])))
            end = match.end()
        self._add_text(data[end:])

    def finished(self) -> list[Part]:
        self._end_run()
        return self._parts

    def _add_text(self, text: str) -> None:
        if text:
            self._run.append(_Piece(escape(text), text=text))

    def _boundary(self, raw: str) -> None:
        self._end_run()
        self._parts.append(raw)

    def _end_run(self) -> None:
        run, self._run = self._run, []
        if any(piece.text is not None and _has_letters(piece.text) for piece in run):
            self._parts.append(_segment(run))
        else:
            self._parts.append("".join(piece.html for piece in run))


def _segment(run: Sequence[_Piece]) -> Segment:
    pieces: list[str] = [""]
    kept: list[str] = []
    opened: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for piece in run:
        if piece.text is not None:
            pieces[-1] += piece.text
            continue
        kept.append(piece.html)
        pieces.append("")
        if piece.tag is not None and not piece.closes:
            opened.append((piece.tag, len(kept) - 1))
        elif piece.tag is not None and opened and opened[-1][0] == piece.tag:
            start = opened.pop()[1]
            if any(text.strip() for text in pieces[start + 1 : -1]):
                pairs.append((start, len(kept) - 1))
            else:  # no text inside: a link whose text is its URL
                kept[start:] = ["".join(kept[start:])]
                pieces[start + 1 :] = [""]
                pairs = [pair for pair in pairs if pair[0] < start]
    return Segment(tuple(pieces), tuple(kept), tuple(pairs))
