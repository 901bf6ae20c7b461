"""Markdown of modules and posts, rendered and sanitized."""

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from courseware.markdown import Heading, headings, module_html, parts, plain_title, post_html
from tests.courseware.test_any_folder import MARKDOWN

REL = 'rel="nofollow ugc noopener noreferrer"'
POST_TAGS = set(
    "p h4 h5 h6 blockquote pre ul ol li table thead tbody tr th td hr a em strong s code br".split()  # noqa: SIM905
)
POST_ATTRIBUTES = {"href", "title", "rel", "target", "dir", "start", "class"}


def html(text: str) -> str:
    return module_html(text, url=lambda url: url).strip()


def post(text: str) -> str:
    return post_html(text).strip()


class Parts(HTMLParser):
    """Collects the tags and attributes of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


MODULE = {
    "a heading goes below the section's": ("## Uno\n\n### Dos", "<h3>Uno</h3>\n<h4>Dos</h4>"),
    "a second title is no higher": ("# Uno", "<h3>Uno</h3>"),
    "headings end at six": ("###### Seis", "<h6>Seis</h6>"),
    "a heading with an id": ("## Uno {#one}", '<h3 id="h-one">Uno</h3>'),
    "emphasis": ("*a* **b** ~~c~~ `d`",
                 "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
    "another site opens apart": (
        "[a](https://example.org/)",
        '<p><a href="https://example.org/" target="_blank" rel="noopener">a</a></p>'),
    "a place on the page": ("[a](#b)", '<p><a href="#b">a</a></p>'),
    "a mail address": ("<ana@example.org>",
                       '<p><a href="mailto:ana@example.org">ana@example.org</a></p>'),
    "a picture waits until it is near": (
        '![un "mapa"](a.png "Título")',
        '<p><img src="a.png" alt="un &quot;mapa&quot;" title="Título" loading="lazy"'
        ' decoding="async"></p>'),
    "an address with an accent": (
        "![a](año.png)", '<p><img src="año.png" alt="a" loading="lazy" decoding="async"></p>'),
    "HTML is left out, its words stay": ("<b onclick=x>a</b>\n\n<div>\nb\n</div>\n", "<p>a</p>"),
    "a comment is nobody's business": ("a <!-- b -->", "<p>a </p>"),
    "an address that runs": ("[a](javascript:alert(1))",
                             '<p><a target="_blank" rel="noopener">a</a></p>'),
    "code is shown as it is": ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>"),
    "a list goes on from its number": ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
}  # fmt: skip


@pytest.mark.parametrize("case", MODULE)
def test_module_html(case: str) -> None:
    text, expected = MODULE[case]
    assert html(text) == expected


def test_table_cells_are_aligned_by_class() -> None:
    table = "| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |"
    cells = [(tag, found.get("class")) for tag, found in Parts(html(table)).found if tag == "td"]
    assert cells == [("td", None), ("td", "center"), ("td", "end")]
    assert "style" not in html(table)


def test_every_url_is_mapped() -> None:
    seen: list[str] = []

    def url(written: str) -> str:
        seen.append(written)
        return f"/m/{len(seen)}?a=1&b=2"

    shown = module_html("[a](b.md#c) ![d](e%20f.png) [g]\n\n[g]: <h i.pdf>", url=url)
    assert seen == ["b.md#c", "e f.png", "h i.pdf"]
    assert 'href="/m/1?a=1&amp;b=2"' in shown


def test_heading_base() -> None:
    assert module_html("# a\n\n### b", url=str, heading_base=4) == "<h4>a</h4>\n<h5>b</h5>\n"


POST = {
    "a line break is a line break": ("a\nb", '<p dir="auto">a<br>\nb</p>'),
    "headings are small": ("# a\n\n## b\n\n#### c",
                           '<h4 dir="auto">a</h4>\n<h5 dir="auto">b</h5>\n<h6 dir="auto">c</h6>'),
    "HTML is shown, not obeyed": ("<b>a</b>", '<p dir="auto">&lt;b&gt;a&lt;/b&gt;</p>'),
    "a link vouches for nothing": (
        "[a](https://example.org)",
        f'<p dir="auto"><a href="https://example.org" target="_blank" {REL}>a</a></p>'),
    "a picture is a link": (
        "![a](https://example.org/b.png)",
        f'<p dir="auto"><a href="https://example.org/b.png" target="_blank" {REL}>a</a></p>'),
    "a picture without words is its address": (
        "![](https://example.org/b.png)",
        '<p dir="auto"><a href="https://example.org/b.png" target="_blank" '
        f"{REL}>https://example.org/b.png</a></p>"),
    "an address that runs stays text": (
        "[a](javascript:alert(1))", '<p dir="auto">[a](javascript:alert(1))</p>'),
    "an address of this site stays text": ("[a](/l/1/erase)", '<p dir="auto">[a](/l/1/erase)</p>'),
    "an address without scheme stays text": ("[a](//b.c)", '<p dir="auto">[a](//b.c)</p>'),
    "a pasted address is a link, its full stop is not": (
        "ver https://example.org/a_b_c(d).",
        '<p dir="auto">ver <a href="https://example.org/a_b_c(d)" target="_blank" '
        f"{REL}>https://example.org/a_b_c(d)</a>.</p>"),
    "a pasted address in brackets": (
        "(https://example.org/)",
        '<p dir="auto">(<a href="https://example.org/" target="_blank" '
        f"{REL}>https://example.org/</a>)</p>"),
    "an address in code is code": ("`https://example.org`",
                                   '<p dir="auto"><code>https://example.org</code></p>'),
    "a link is not made twice": (
        "[https://example.org](https://example.org/a)",
        '<p dir="auto"><a href="https://example.org/a" target="_blank" '
        f"{REL}>https://example.org</a></p>"),
    "a mail address": ("<mailto:ana@example.org>",
                       f'<p dir="auto"><a href="mailto:ana@example.org" {REL}>'
                       "mailto:ana@example.org</a></p>"),
    "each block finds its own direction": (
        "> مرحبا\n\n- b",
        '<blockquote dir="auto">\n<p dir="auto">مرحبا</p>\n</blockquote>\n'
        '<ul dir="auto">\n<li>b</li>\n</ul>'),
    "an id is not for people to give": ("# a {#main}", '<h4 dir="auto">a {#main}</h4>'),
}  # fmt: skip


@pytest.mark.parametrize("case", POST)
def test_a_post(case: str) -> None:
    text, expected = POST[case]
    assert post(text) == expected


def test_a_post_with_many_brackets_has_no_links() -> None:
    link = "[a](https://example.org/)"
    assert post(link * 500).count("<a ") == 500
    assert "<a " not in post("[" * 501)
    assert post("[" * 10_000) == f'<p dir="auto">{"[" * 10_000}</p>'
    assert "](" in post(link * 501)


HOSTILE = st.one_of(MARKDOWN, st.text(max_size=200))


@settings(max_examples=150)
@given(HOSTILE)
@example("<a href='javascript:alert(1)'>x</a>")
@example("[x](JaVaScRiPt:alert(1)) <javascript:alert(1)> [y](data:text/html,<script>)")
@example('[x](https://a"onmouseover=alert(1)) !["><img src=x onerror=alert(1)>](https://a)')
@example("https://a'\"><svg/onload=alert(1)> https://\ud800 http://[::1 http://a:b")
@example(
    '<!--><img src=x onerror=alert(1)>--> ]]><script>x</script> <noscript><p title="</noscript>'
)
@example("[a]: javascript:x\n\n[a] [a][]")
@example("&#106;avascript: [x](&#106;avascript:alert(1)) [x](java&Tab;script:alert(1))")
@example("[" * 500 + "](" * 500)
@example("> " * 300 + "a")
def test_posts_are_sanitized(text: str) -> None:
    for tag, attributes in Parts(post_html(text)).found:
        assert tag in POST_TAGS
        assert set(attributes) <= POST_ATTRIBUTES
        if tag == "a":
            assert attributes["rel"] == "nofollow ugc noopener noreferrer"
            href = attributes.get("href")
            assert href is None or re.match(r"https?://[^/]|mailto:.", href, re.IGNORECASE)
        assert attributes.get("class") in (None, "center", "end")
        assert attributes.get("target") in (None, "_blank")
        assert attributes.get("dir") in (None, "auto")


@settings(max_examples=150)
@given(HOSTILE)
@example("# a {#onclick}\n\n<script>alert(1)</script>")
def test_module_texts_are_sanitized(text: str) -> None:
    for tag, attributes in Parts(html(text)).found:
        assert tag in POST_TAGS | {"h3", "img"}
        assert set(attributes) <= (POST_ATTRIBUTES - {"dir"}) | {
            "id", "src", "alt", "loading", "decoding"
        }  # fmt: skip
        for name in ("href", "src"):
            address = attributes.get(name) or ""
            scheme = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*):", address)
            assert scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel")


@settings(max_examples=150)
@given(HOSTILE)
def test_plain_titles_have_no_markup(text: str) -> None:
    assert isinstance(plain_title(text), str)


def test_plain_title() -> None:
    assert plain_title("*Uno* y `dos` &amp; [tres](x) \\* <b>") == "Uno y dos & tres *"
    assert plain_title("  2 > 1, a_b_c ") == "2 > 1, a_b_c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## A {#a}", [Heading(2, "A", "a", 0, 1)]),
        ("## A {# a }", [Heading(2, "A", "a", 0, 1)]),
        ("## A {#}", [Heading(2, "A", "", 0, 1)]),
        ("## A {#b c}", [Heading(2, "A", "b c", 0, 1)]),
        ("## A {#b} c", [Heading(2, "A {#b} c", None, 0, 1)]),
        ("## A {b}", [Heading(2, "A {b}", None, 0, 1)]),
        ("A\n*b* {#a}\n===", [Heading(1, "A\n*b*", "a", 0, 3)]),
        ("x\n\n###### A ######\n", [Heading(6, "A", None, 2, 3)]),
        ("> ## A\n\n- ## B\n\n    ## C\n\n##D\n\n##\u00a0E", []),
    ],
)
def test_headings(text: str, expected: list[Heading]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize("text", ["## a" + " " * 200_000 + "b", "## " + "{#" * 100_000])
def test_headings_take_linear_time(text: str) -> None:
    start = time.process_time()
    assert [heading.id for heading in headings(text)] == [None]
    parts(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", ["static/minga.css", "package/print.css", "package/epub.css"])
def test_every_stylesheet_aligns_the_columns_of_tables(name: str) -> None:
    html = module_html("| a | b |\n|:-:|--:|\n| 1 | 2 |", url=str)
    css = (Path(__file__).parents[2] / "templates" / name).read_text()
    for kind in ("center", "end"):
        assert f'<td class="{kind}">' in html
        assert re.search(rf"td\)?\.{kind} {{ text-align: {kind}; }}", css)
