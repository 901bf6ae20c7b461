"""Quotations: a passage of a post at the beginning of a reply, as Markdown.

A quotation carries no name: who is quoted follows from the post that is replied to, so a name that
is erased, or a pseudonym, stands in one place only.
"""

import re
from html import unescape

MAX_QUOTED = 300
"""Characters of a text that is quoted without choosing a passage."""

_BLOCK_END = re.compile(r"</(?:p|li|h[456]|pre|tr)>|<br>")
_TAG = re.compile(r"""<(?:[^>"]|"[^"]*")*>""")
_SPECIAL = re.compile(r"([\\`*\[\]<])|(?<!\w)(_)|(_)(?!\w)")
_LINE_START = re.compile(r"^([#>+-]|[0-9]+[.)])", re.MULTILINE)


def quotation(html: str) -> str:
    """Return the beginning of a post's text as a Markdown quotation, and an empty line."""
    text = plain_text(html)
    if len(text) > MAX_QUOTED:
        text = f"{text[:MAX_QUOTED].rsplit(None, 1)[0]}…"
    lines = [_escaped(line.strip()) for line in text.split("\n")]
    shown = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(f"> {line}".rstrip() for line in shown) + "\n\n"


def plain_text(html: str) -> str:
    """Return the text of a post as it is shown, one line for each block."""
    return unescape(_TAG.sub("", _BLOCK_END.sub("\n", html))).strip()


def _escaped(line: str) -> str:
    line = _SPECIAL.sub(lambda found: f"\\{found[0]}", line)
    return _LINE_START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", line)
