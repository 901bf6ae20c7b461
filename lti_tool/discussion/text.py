"""What people type, made safe to keep and to show.

The text stays the author's: only what no reader could see or use is taken out. Marks that Arabic,
Persian or emoji need (joiners, direction marks, isolates) stay; the two overrides of direction go,
because they make a text read as something that it does not say (https://www.unicode.org/reports/tr36/).
"""

import re
import unicodedata

LONGEST = 20_000
"""Characters (code points) of a post, after its line ends are one character each."""

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls other than tab and new line
    "\ud800-\udfff"  # halves of surrogate pairs: no encoding can keep them
    "\u202d\u202e"  # overrides of direction
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# Letters and symbols by their category that nevertheless show nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


_MOST_MARKS = 30
"""Combining marks in a row (UAX #15, section 13)."""
_JOINER = "\u034f"


def cleaned(text: str) -> str:
    """The text to keep: new lines as ``\\n``, composed (NFC), nothing invisible around it."""
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    # To compose may make marks of letters, so what was composed is looked at again.
    text = _stream_safe(unicodedata.normalize("NFC", _stream_safe(text)))
    # Leading blanks of the first line may be Markdown (a code block): only blank lines go.
    return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()


def _stream_safe(text: str) -> str:
    """The text with a combining grapheme joiner in each longer run of marks.

    To sort the marks of a run, as NFC does, takes the square of their number. This is the
    Stream-Safe Text Format (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format); no
    language needs more marks than it allows.
    """
    if text.isascii():
        return text
    safe: list[str] = []
    run = 0
    for character in text:
        if character == _JOINER or unicodedata.category(character)[0] != "M":
            run = 0
        elif run == _MOST_MARKS:
            safe.append(_JOINER)
            run = 1
        else:
            run += 1
        safe.append(character)
    return "".join(safe)


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: only spaces, marks and characters without a shape."""
    return not any(
        unicodedata.category(character)[0] not in "ZCM" and character not in _BLANK
        for character in text
    )
