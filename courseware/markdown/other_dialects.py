"""Find markup of other dialects of Markdown, which a page would show as it is typed.

The search runs on the parser's own tokens, so code, links and escaped characters are never taken
for markup. Every pattern is bounded: the time is linear in the length of the text.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

# Stand-ins for what is not plain text. No pattern matches them as a letter.
_OTHER, _ESCAPED = "\ue000", "\ue001"
_ESCAPES = {"\\(": "\ue002", "\\)": "\ue003", "\\[": "\ue004", "\\]": "\ue005"}
_STAND_INS = re.compile("[\ue000-\ue005]")
_URL = re.compile(r"https?://[^\s\[\]]+", re.IGNORECASE)
_MATH = re.compile(r"[\\_=+{}<>]|\w\^")
_ONCE = {"table", "bullets"}
_SHORT_FORMULA = re.compile(r"[A-Za-zΑ-ω0-9]{1,3}")
_LATEX = (
    r"alpha|beta|gamma|delta|epsilon|lambda|mu|pi|sigma|theta|omega|Delta|Sigma|Omega|cdot|times"
    r"|frac|sqrt|sum|prod|int|infty|leq|geq|neq|approx|begin|end|item|newpage|noindent|LaTeX|ldots"
    r"|pagebreak|clearpage|quad|hspace|vspace|bigskip"
)
_FRONT_MATTER = re.compile(r"[A-Za-z_][\w-]*:(?:\s|$)")
_DIAGRAMS = {"mermaid", "plantuml", "puml", "graphviz", "math", "katex", "wavedrom", "vega-lite"}
_HEADING_WITH_ID = re.compile(r"#{1,6}[ \t].*\{#[^{}]*\}[ \t]*")
_CONTAINER_PREFIX = re.compile(r"[\s>]*")
_TASK = re.compile(r"\[[ xX-]\](?:[ \t]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UnsupportedMarkup:
    """Markup that is not supported: its line (from 0), its kind (in ``dialect_kinds``), an
    excerpt."""

    line: int
    kind: str
    source: str


_Test = Callable[[str], bool]


def _is_math(text: str) -> bool:
    return _MATH.search(text) is not None


def _is_formula(text: str) -> bool:
    inner = _STAND_INS.sub("", text.strip("$"))
    return _is_math(inner) or _SHORT_FORMULA.fullmatch(inner) is not None


def _always(_: str) -> bool:
    return True


def _pattern(kind: str, pattern: str, test: _Test = _always) -> tuple[str, re.Pattern[str], _Test]:
    return kind, re.compile(pattern, re.MULTILINE), test


# In this order: what one pattern has matched, the next ones do not see.
_PATTERNS = [
    _pattern("formula", r"(?<!\$)\$\$(?!\$)[^$]{1,2000}\$\$(?!\$)"),
    _pattern("formula", r"(?<![\w$])\$(?=[^\s$])[^$\n]{1,300}(?<=\S)\$(?![\w$])", _is_formula),
    _pattern("formula", "\ue002[^\ue002\ue003]{1,1000}\ue003", _is_math),
    _pattern("formula", "\ue004[^\ue004\ue005]{1,1000}\ue005", _is_math),
    _pattern(
        "latex", rf"(?<![\w:\\.])\\(?:(?:{_LATEX})(?![A-Za-z])|[A-Za-z]{{2,30}}\{{)[^\s]{{0,40}}"
    ),
    _pattern("formula", r"(?<!\$)\$\ue000\$(?!\$)"),
    _pattern("contents", r"(?i)^[@$]?[\[{]{1,2}:?[\ue000_]?toc[\ue000_]?[\]}]{1,2}[ \t]*$"),
    _pattern("footnote", r"\[\^[^\[\]\s]{1,100}\]:?|\^\[[^\[\]\n]{1,500}\]"),
    _pattern("admonition", r"^(?:!!!|\?\?\?\+?)[ \t]+\w[^\n]{0,60}|^\[!\w{1,30}\][+-]?"),
    _pattern("container", r"^:{3,}[^\n]{0,60}"),
    _pattern("abbreviation", r"^\*\[[^\[\]\n]{1,100}\]:"),
    _pattern("definition", r"^:[ \t]+\S[^\n]{0,40}"),
    _pattern("front-matter", r"^\+\+\+[ \t]*$"),
    _pattern(
        "change",
        r"\{(?:\+\+|--|>>|==)[^{}\n]{1,300}(?:\+\+|--|<<|==)\}|\{\ue000[^{}\n]{1,300}\ue000\}",
    ),
    _pattern(
        "directive",
        r"^\.\.[ \t]+[\w-]{1,40}::|^#\+\w[^\n]{0,60}"
        r"|\{[a-z:-]{2,30}\}\ue000|:[a-z:+-]{2,30}:\ue000",
    ),
    _pattern(
        "wiki-text", r"^={1,6}[ \t]+\S[^\n]{0,60}|(?<!')'{2,3}(?=[^'\s])[^'\n]{1,200}'{2,3}(?!')"
    ),
    _pattern("citation", r"\[-?@[A-Za-z][^\[\]\n]{0,200}\]"),
    _pattern("square-tag", r"\[/[A-Za-z_]{1,20}\]"),
    _pattern("entity", r"&(?:[A-Za-z][A-Za-z0-9]{1,30};|nbsp\b)"),
    _pattern("program", r"^(?:import|export)\b[^\n]{0,200}?\bfrom[ \t]+['\"]|\{/\*[^\n]{0,60}"),
    _pattern("template", r"\{\{[^{}\n]{1,200}\}\}|\{%[^%\n]{1,200}%\}|<%[^%\n]{1,200}%>"),
    _pattern("attributes", r"\{(?:[:.#][^{}\n]{1,200}|[A-Za-z][\w-]{0,50}=[^{}\n]{1,200})\}"),
    _pattern("wiki", r"!?\[\[[^\[\]\n]{1,200}\]\]"),
    _pattern("table", r"^\|[^\n]*\|[ \t]*$|^\|?[ \t]*:?-{2,}:?[ \t]*\|[^\n]{0,60}"),
    _pattern("table", r"^\+(?:[-=]{3,100}\+){1,50}[ \t]*$"),
    _pattern(
        "table", r"^[^|\n]{1,200}(?:\|[^|\n]{1,200}){2,20}\n[^|\n]{1,200}(?:\|[^|\n]{1,200}){2,20}$"
    ),
    _pattern("table", r"^[^\t\n]{1,200}\t[^\n]{1,300}\n[^\t\n]{1,200}\t[^\n]{1,300}$"),
    _pattern("bullets", r"^[•◦▪‣●■▸►➤➢✓✔][ \t\xa0]+\S[^\n]{0,40}"),
    # Other signs only where two lines begin so: each can begin a sentence.
    _pattern(
        "bullets", r"^([–—·∙*+-])[ \t\xa0]*[^\s*+-][^\n]{0,400}\n\1[ \t\xa0]*[^\s*+-][^\n]{0,40}"
    ),
    _pattern(
        "bullets",
        r"^\(?(?:\d{1,3}[.)]|[a-zA-Z]\)|[ivx]{1,4}\))[ \t]*[^\W\d_][^\n]{0,400}\n"
        r"\(?(?:\d{1,3}[.)]|[a-zA-Z]\)|[ivx]{1,4}\))[ \t]*[^\W\d_][^\n]{0,40}",
    ),
    _pattern("broken-link", r"\[[^\[\]\n]{1,200}\][ \t]?\([^()\n]{0,200}[./#][^()\n]{0,200}\)"),
    _pattern("broken-link", r"\([^()\n]{1,200}\)\[\ue000"),
    _pattern("undefined", r"\[[^\[\]\n]{1,200}\]\[[^\[\]\n]{0,200}\]"),
    _pattern("comment", r"%%[^%\n]{1,300}%%"),
    _pattern("highlight", r"(?<![\w=])==(?=[^\s=])[^=\n]{1,300}(?<=\S)==(?![\w=])"),
    _pattern("inserted", r"(?<![\w+])\+\+(?=[^\s+])[^+\n]{1,300}(?<=\S)\+\+(?![\w+])"),
    _pattern("superscript", r"(?<!\^)\^[0-9A-Za-zªº+\u2212-][^\s^\[\]]{0,40}\^(?!\^)"),
    _pattern("subscript", r"(?<!~)~[0-9A-Za-z+\u2212-][^\s~\[\]]{0,40}~(?!~)"),
    _pattern("emoji", r"(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?![\w:])"),
    _pattern("unpaired", r"(?<!\*)\*\*(?!\*)[^\n*]{0,40}|(?<!~)~~(?!~)[^\n~]{0,40}"),
    _pattern("unpaired", r"(?<![_\w])__(?=[^\s_])[^\n_]{0,40}|`{1,2}[^\n`]{0,40}"),
    _pattern("bare", r"(?<![\w.:/-])[A-Za-z][A-Za-z0-9+.-]{1,12}://[^\s\ue000]{1,200}"),
    _pattern(
        "bare", r"(?<![\w.:/-])(?:https?:/?(?=\w)|mailto:(?=\S)|tel:(?=\+?\d))[^\s\ue000]{1,200}"
    ),
    _pattern("bare", r"(?<![\w./@:-])www\.[\w-]{1,63}\.[^\s]{1,200}"),
    _pattern(
        "bare", r"(?<![\w.+@/:-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    ),
]


def find(
    tokens: Sequence[Token], env: Mapping[str, Any], source: str
) -> tuple[UnsupportedMarkup, ...]:
    """Return the markup that is not supported, each kind once in a line, in order.

    ``tokens`` are those of a text whose escapes are not yet joined to the text around them.
    ``env`` is the parser's, with the definitions of links, and ``source`` the text.
    """
    found: dict[tuple[int, str], UnsupportedMarkup] = {}
    for one in (*_blocks(tokens, source.split("\n")), *_definitions(tokens, env)):
        found.setdefault((one.line, one.kind), one)
    return tuple(sorted(found.values(), key=lambda one: one.line))


def _blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[UnsupportedMarkup]:
    dollars: list[UnsupportedMarkup] = []
    columns = 0
    for i, token in enumerate(tokens):
        line = token.map[0] if token.map else 0
        match token.type:
            case "inline":
                text = _visible(token)
                if i > 1 and tokens[i - 2].type == "list_item_open" and _TASK.match(text):
                    yield UnsupportedMarkup(line, "task", token.content.split("\n")[0])
                yield from _inline(token, text, line, dollars)
            case "fence" if token.info.split(" ")[0].lower() in _DIAGRAMS or token.info[:1] == "{":
                yield UnsupportedMarkup(line, "diagram", token.info)
            case "fence" if not _is_closed(token, lines):
                yield UnsupportedMarkup(line, "open-code", lines[line].strip())
            case "code_block":
                for number, source in enumerate(token.content.split("\n"), line):
                    if _HEADING_WITH_ID.fullmatch(source.strip()):
                        yield UnsupportedMarkup(number, "indented-heading", source.strip())
            case "hr" if _is_front_matter(tokens[i + 1 : i + 3]):
                yield UnsupportedMarkup(line, "front-matter", tokens[i + 2].content)
            case "thead_open":
                columns = 0
            case "th_open":
                columns += 1
            case "tr_open" if tokens[i - 1].type != "thead_open" and line < len(lines):
                if _cells(lines[line]) > columns:
                    yield UnsupportedMarkup(line, "cells", lines[line].strip())
    # A formula over several blocks: each second mark ends one.
    yield from dollars[: len(dollars) // 2 * 2 : 2]


def _is_closed(fence: Token, lines: Sequence[str]) -> bool:
    start, end = fence.map or (0, 0)
    last = _CONTAINER_PREFIX.sub("", lines[end - 1], count=1).rstrip() if end - 1 > start else ""
    return len(last) >= len(fence.markup) and set(last) == set(fence.markup)


def _is_front_matter(following: Sequence[Token]) -> bool:
    return (
        len(following) == 2
        and following[0].type == "heading_open"
        and following[0].markup == "-"
        and all(map(_FRONT_MATTER.match, following[1].content.split("\n")))
    )


def _cells(line: str) -> int:
    cells = escapedSplit(_CONTAINER_PREFIX.sub("", line, count=1).strip())
    return len(cells) - (cells[:1] == [""]) - (len(cells) > 1 and cells[-1] == "")


def _visible(token: Token) -> str:
    """Return the text of an inline token; a stand-in for each thing that is not plain text."""
    parts: list[str] = []
    automatic = False
    for child in token.children or ():
        if child.type == "text" and not automatic:
            parts.append(_STAND_INS.sub("\ufffd", child.content))
        elif child.type == "text_special":
            # A backslash before a letter is nothing but a backslash.
            plain = child.content if child.content == child.markup else _ESCAPED
            parts.append(_ESCAPES.get(child.markup, plain))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        else:
            parts.append(_OTHER + "\n" * child.content.count("\n"))
            if child.type in ("link_open", "link_close"):
                automatic = child.type == "link_open" and child.markup == "autolink"
    return _URL.sub(lambda match: _OTHER * len(match[0]), "".join(parts))


def _inline(
    token: Token, text: str, first: int, dollars: list[UnsupportedMarkup]
) -> Iterator[UnsupportedMarkup]:
    sources = token.content.split("\n")
    ends = [match.start() for match in re.finditer("\n", text)]

    def at(start: int, kind: str, excerpt: str) -> UnsupportedMarkup:
        line = bisect_left(ends, start)
        if _STAND_INS.search(excerpt) or not excerpt.strip():
            excerpt = sources[line] if line < len(sources) else ""
        return UnsupportedMarkup(first + line, kind, excerpt.strip())

    for kind, pattern, test in _PATTERNS:
        hits = [match for match in pattern.finditer(text) if test(match[0])]
        for match in hits[:1] if kind in _ONCE else hits:
            yield at(match.start(), kind, match[0])
        if hits:
            text = _blanked(text, hits)
    dollars += [
        at(match.start(), "formula", match[0])
        for match in re.finditer(r"(?m)^\$\$(?!\$)|(?<!\$)\$\$$", text)
    ]


def _blanked(text: str, hits: Sequence[re.Match[str]]) -> str:
    parts: list[str] = []
    end = 0
    for match in hits:
        parts += [text[end : match.start()], re.sub(r"[^\n]", _OTHER, match[0])]
        end = match.end()
    return "".join((*parts, text[end:]))


def _definitions(tokens: Sequence[Token], env: Mapping[str, Any]) -> Iterator[UnsupportedMarkup]:
    """Yield the definitions of links (``[label]: URL``) that are not used, or footnotes."""
    references: Mapping[str, Any] = env.get("references", {})
    used = set(_labels(tokens)) if references else set()
    for label, reference in references.items():
        line = reference["map"][0]
        if label.startswith("^"):
            yield UnsupportedMarkup(line, "footnote", f"[{label.lower()}]:")
        elif label not in used and reference["href"] not in ("#", ""):
            yield UnsupportedMarkup(line, "unused-definition", f"[{label.lower()}]:")
    for reference in env.get("duplicate_refs", ()):
        yield UnsupportedMarkup(
            reference["map"][0], "second-definition", f"[{reference['label'].lower()}]:"
        )


def _labels(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if "label" in token.meta:
            yield str(token.meta["label"])
        yield from _labels(token.children or ())
