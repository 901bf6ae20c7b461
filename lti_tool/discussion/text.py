"""Clean the text that people submit, and render what is stored.

Only characters that no reader can see or use are removed. Marks that Arabic, Persian or emoji need
(joiners, direction marks, isolates) stay. The two directional overrides are removed, because they
can make a text appear to say something else (https://www.unicode.org/reports/tr36/).
"""

import re
import unicodedata

from courseware.markdown import TooComplex, post_html, unformatted_html

MAX_LENGTH = 20_000
"""Maximum length of a post in code points, counted after cleaning."""

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls other than tab and new line
    "\ud800-\udfff"  # lone surrogates: UTF-8 cannot encode them
    "\u202d\u202e"  # directional overrides
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_MAX_MARKS = 30
"""Most combining marks in a row (UAX #15, section 13)."""
_JOINER = "\u034f"


def clean_text(text: str) -> str:
    """Return the text to store: ``\\n`` line ends, NFC, without surrounding blank lines."""
    text = _stream_safe(_UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))
    composed = unicodedata.normalize("NFC", text)
    if composed != text:  # composing can turn letters into marks, and so make a longer run
        text = _stream_safe(composed)
    # Indentation of the first line may be Markdown (a code block): only blank lines are removed.
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()


def _stream_safe(text: str) -> str:
    """Insert a combining grapheme joiner into each overlong run of combining marks.

    This is the Stream-Safe Text Format
    (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format). Without it the time of NFC
    grows with the square of the length of a run. No language needs longer runs.
    """
    if text.isascii():
        return text
    safe: list[str] = []
    run = 0
    for character in text:
        if character == _JOINER or unicodedata.category(character)[0] != "M":
            run = 0
        elif run == _MAX_MARKS:
            safe.append(_JOINER)
            run = 1
        else:
            run += 1
        safe.append(character)
    return "".join(safe)


def render_stored(source: str) -> str:
    """Render a stored text; without formatting if it exceeds the current limits."""
    try:
        return post_html(source)
    except TooComplex:
        return unformatted_html(source)
