"""Markup of other dialects of Markdown is found with its line, and nothing else is."""

import time

import pytest

from courseware.markdown import module_html, unsupported
from courseware.markdown.dialect_kinds import KINDS, LEFT_OUT

FOUND: list[tuple[str, list[tuple[int, str]]]] = [
    ("Inline $E = mc^2$.", [(0, "formula")]),
    ("Where $n$ is the number.", [(0, "formula")]),
    ("With *emphasis* $a*b*c$ inside.", [(0, "formula")]),
    ("a\n\n$$\n\\sum_{i=1}^{n} i\n$$\n", [(2, "formula")]),
    ("$$\n\nx^2\n\n$$\n\nand\n\n$$\n\ny\n\n$$", [(0, "formula"), (8, "formula")]),
    ("So \\(a^2+b^2=c^2\\) and\n\\[x_1 = 2\\]", [(0, "formula"), (1, "formula")]),
    ("A \\frac{1}{2} or \\alpha", [(0, "latex")]),
    ("\\begin{itemize}", [(0, "latex")]),
    ("A claim.[^1]\n\n[^1]: The source.", [(0, "footnote"), (2, "footnote")]),
    ("A claim.[^1]\n\n[^1]: https://example.org/", [(2, "footnote")]),
    ("A claim.[^note]\nAnd ^[inline].", [(0, "footnote"), (1, "footnote")]),
    ("a\nb ==marked words== c", [(1, "highlight")]),
    ("++inserted++", [(0, "inserted")]),
    ("H~2~O, x^2^ and 1^er^", [(0, "superscript"), (0, "subscript")]),
    ("Hello :smile: and :+1:", [(0, "emoji")]),
    (":::tip\nWords\n:::", [(0, "container"), (2, "container")]),
    ("::: {.note}\nWords\n:::", [(0, "container"), (2, "container")]),
    ('!!! note "Title"\n    Words', [(0, "admonition")]),
    ("??? question\n    Words", [(0, "admonition")]),
    ("> [!NOTE]\n> Words", [(0, "admonition")]),
    ("> [!warning]- Title\n> Words", [(0, "admonition")]),
    ("Words {.lead}", [(0, "attributes")]),
    ("![A map](m.png){width=50%}", [(0, "attributes")]),
    ("## Title {#más}", [(0, "attributes")]),
    ("## Title {: .class}", [(0, "attributes")]),
    ("- [ ] open\n- [x] done\n- [X] done", [(0, "task"), (1, "task"), (2, "task")]),
    ("Term\n: Its meaning", [(1, "definition")]),
    ("See [[the page]] and ![[drawing.png]]", [(0, "wiki")]),
    ("[TOC]", [(0, "contents")]),
    ("[[_TOC_]]", [(0, "contents")]),
    ("a\n\n[[toc]]", [(2, "contents")]),
    ("{:toc}", [(0, "contents")]),
    ("*[HTML]: Hyper Text", [(0, "abbreviation")]),
    ("Hello {{ name }} {% if x %}", [(0, "template")]),
    ('{{< youtube id="x" >}}', [(0, "template")]),
    ("import Tabs from '@theme/Tabs'", [(0, "program")]),
    ("a {/* hidden */}", [(0, "program")]),
    ("a %%hidden%%", [(0, "comment")]),
    ("[words][nope] and [others][]", [(0, "undefined")]),
    ("[words](https://exa mple.org/)", [(0, "broken-link")]),
    ("[words] (../media/guide.pdf)", [(0, "broken-link")]),
    ("![A map](../media/a map.png)", [(0, "broken-link")]),
    ("These ** are not** strong", [(0, "unpaired")]),
    ("a\nThese ~~ are not~~ struck", [(1, "unpaired")]),
    ("**strong **", [(0, "unpaired")]),
    ("__x __ and __init__", [(0, "unpaired")]),
    ("a `code", [(0, "unpaired")]),
    ("``more`", [(0, "unpaired")]),
    ("| a | b |\n| c | d |", [(0, "table")]),
    ("a | b\n---|---|---\nc | d", [(1, "table")]),
    ("• one\n• two", [(0, "bullets")]),
    ("➤ one", [(0, "bullets")]),
    *(
        (f"a\n\n{one} one\n{one} two\n{one} three", [(2, "bullets")])
        for one in ("–", "—", "·", "∙", "✓", "►")
    ),
    ("*one\n*two", [(0, "bullets")]),
    ("-one\n-two", [(0, "bullets")]),
    ("1.one\n2.two", [(0, "bullets")]),
    ("Steps:\n1)one\n2)two", [(1, "bullets")]),
    ("a) one\nb) two", [(0, "bullets")]),
    ("(1) one\n(2) two", [(0, "bullets")]),
    ("i) one\nii) two", [(0, "bullets")]),
    ("a|b|c\nd|e|f", [(0, "table")]),
    ("a\tb\tc\nd\te\tf", [(0, "table")]),
    ("+---+---+\n| a | b |\n+---+---+", [(0, "table"), (1, "table")]),
    ("See www.example.org for more", [(0, "bare")]),
    ("Write to ana@example.org.", [(0, "bare")]),
    *(
        (f"See {url} for more", [(0, "bare")])
        for url in (
            "ftp://example.org/a",
            "htps://example.org",
            "http:/example.org/",
            "https:example.org",
            "mailto:ana@example.org",
            "tel:+5411",
        )
    ),
    ("(words)[https://example.org/]", [(0, "broken-link")]),
    (
        "a {++b++} {--c--}\n{~~d~>e~~} {>>f<<}\n{==g==}",
        [(0, "change"), (1, "change"), (2, "change")],
    ),
    (".. note::\n   words", [(0, "directive")]),
    ("#+BEGIN_SRC", [(0, "directive")]),
    ("See {ref}`x` and :doc:`y`.", [(0, "directive")]),
    ("== Title ==", [(0, "wiki-text")]),
    ("= Title", [(0, "wiki-text")]),
    ("a '''strong''' word, ''another''", [(0, "wiki-text")]),
    ("He says so [@smith2020, p. 5].", [(0, "citation")]),
    ("[b]x[/b]\n[url=https://example.org]y[/url]", [(0, "square-tag"), (1, "square-tag")]),
    ("a &foo; b&nbsp c", [(0, "entity")]),
    ("<%= name %>", [(0, "template")]),
    ("$`x^2`$", [(0, "formula")]),
    ("\\pagebreak", [(0, "latex")]),
    ("- [ ]\n- [-] half", [(0, "task"), (1, "task")]),
    ("+++\ntitle = 'x'\n+++", [(0, "front-matter"), (2, "front-matter")]),
    ("```mermaid\ngraph TD\n```", [(0, "diagram")]),
    ("```{note}\nWords\n```", [(0, "diagram")]),
    ("Words\n\n---\ntitle: X\nauthor: Y\n---\n", [(2, "front-matter")]),
    ("a\n\n```\n## Title {#id}", [(2, "open-code")]),
    ("```", [(0, "open-code")]),
    ("~~~python\n```\n~~", [(0, "open-code")]),
    ("> ```\n> a\n\nb", [(0, "open-code")]),
    ("a\n\n    b\n    ## Title {#id}", [(3, "indented-heading")]),
    ("[r]: https://example.org/", [(0, "unused-definition")]),
    ("[r]\n\n[r]: https://a.org/\n[r]: https://b.org/", [(3, "second-definition")]),
    ("| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 | 3 |", [(3, "cells")]),
    ("> | a | b |\n> |---|---|\n> | 1 | 2 | 3 |", [(2, "cells")]),
    ("| a |\n|---|\n| ==x== |", [(2, "highlight")]),
    ("- one\n- two\n\n  > three $x^2$", [(3, "formula")]),
]

NOT_FOUND = [
    "Price is $5 and $10. US$5, R$10, C$ 20; from 5$ to 6$.",
    "Escaped: \\$x^2\\$, \\==a\\==, \\[^1\\], \\{\\{x\\}\\}, \\*\\*.",
    "`$x^2$ ==a== [^1] {{x}} :smile: H~2~O [[a]] \\frac{1}{2}`",
    "```\n$x^2$\n==a==\n:::tip\n| a | b |\n[^1]: x\n```",
    "    $x^2$ ==a== [^1]\n    !!! note",
    "[a](https://example.org/?a==b==c&t=$x^2$) <https://example.org/~2~/>",
    "https://example.org/a_b_c?x==1==&y=$z^2$~u~",
    "At 10:30:15, a:b:c, urn:isbn:123, ^_^, C++ and C++, 5 * 3",
    "See [1] (https://example.org/).",
    "\\(sic\\) and \\[not a link\\] and [sic] and (x)",
    "Between ~10 and ~20; x^2 and y^3; a == b and c == d.",
    "# Title\n\n## Other {#good-id}\n\n* * *\n\nWords\n",
    "| a | b |\n|:--|--:|\n| 1 | a \\| b |\n| 1 |\n",
    "[a][r] ![b][r] [![c][r]](x.md)\n\n[r]: https://example.org/\n[//]: # (a comment)",
    "<ana@example.org> <!-- $x^2$ ==a== --> [mail](mailto:ana@example.org)",
    "C:\\Users\\ana and \\o/ and 50 %",
    "~~struck~~ **strong** *emphasis* ***both*** `code`",
    "1. one\n2. two\n   - three\n\n> quote\n",
    "Words\n\n---\n\nMore words: yes.\n",
    "*: a note* and {braces} and { a: b }",
    "```\na\n```\n\n~~~~\n```\n~~~~",
    "> ```\n> a\n> ```\n\n- ```\n  a\n  ```",
    "    # a comment\n    b = 1",
    "Name: ____ and ______; __strong__; it's, ‘it’ and \"it\"; '80s and '90s",
    "– He said it.\nAnd she: — no.",
    "- 5 degrees\n- 7 degrees\n\n1. one\n2. two\n\n* one\n* two",
    "1.5 metres\n2.5 metres",
    "(see below)\n(or not) [words](https://example.org/)",
    "&copy; &lt;b&gt; AT&T; R&D &amp;nbsp; & so on",
    "ana, [sic], [@ the market], a [/] b",
    "a | b\nc | d",
    "x == y, a = b, = 5",
    "`{ref}` `= x` `` a`b ``",
    "C:\\a and https://example.org/?u=ftp://x and a://",
    "The ratio 1:2:3; mailto: is a scheme; the tel: of Ana",
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_markup_of_other_dialects_is_found(text: str, found: list[tuple[int, str]]) -> None:
    assert sorted((one.line, one.kind) for one in unsupported(text)) == sorted(found)


def test_every_kind_is_tried() -> None:
    assert {kind for _, found in FOUND for _, kind in found} == set(KINDS) | set(LEFT_OUT)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_other_text_is_not_taken_for_markup(text: str) -> None:
    assert unsupported(text) == ()


def test_the_excerpt_is_what_the_author_wrote() -> None:
    assert [one.source for one in unsupported("So *x* $a*b*c$\n==b==")] == [
        "So *x* $a*b*c$",
        "==b==",
    ]


@pytest.mark.parametrize(
    "piece",
    ["$x", "$x$\n", "==a ", "[^a", "{{a ", "\\(", "^a", "~a", "%%a", ":a", ":::\n", "!!! a\n",
     "a.b@c.", "www.", "| a ", "import ", "**a ", "<!---->", "[r]: x\n", "$$ ", "-a\n", "– a ",
     "a|b|", "a\t", "(a)[", "{ref}`a`", "{++", "''a ", "1.a\n", "a)\n", "[@a ", "[/a", "&a",
     "== a\n", "__a ", "~~a ", "`a", "``a ", "x://", "mailto:a ", "+--", ".. a:"],
)  # fmt: skip
def test_the_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        unsupported(piece * count)
        return time.process_time() - start

    seconds(10)
    short = seconds(400)
    # A pause of the garbage collector can be in one measurement, not in all.
    assert any(seconds(4_000) < 40 * short + 0.5 for _ in range(3))


def test_bare_urls_are_links() -> None:
    html = module_html("See https://example.org/a_b_c?x=1, please. And https://… is none.", url=str)
    assert html == (
        '<p>See <a href="https://example.org/a_b_c?x=1" target="_blank" rel="noopener">'
        "https://example.org/a_b_c?x=1</a>, please. And https://… is none.</p>\n"
    )
