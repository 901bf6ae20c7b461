"""What people type in posts: marks alone, bare URLs, numbered lines, lines like Markdown."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.common.normalize_url import normalizeLink

from courseware.characters import is_blank
from courseware.markdown import module_html, post_html
from courseware.markdown.bare_urls import is_normal


def seen(text: str) -> str:
    """Return the text that a reader of the post sees."""
    return unescape(re.sub(r'<(?:[^>"]|"[^"]*")*>', "", post_html(text))).strip()


def links(text: str) -> list[tuple[str, str]]:
    """Return URL and text of each link of a post."""
    found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', post_html(text))
    return [(unescape(url), unescape(shown)) for url, shown in found]


@pytest.mark.parametrize(
    "text",
    ["#", "###", "# #", ">", "> >", "~~~", "```", "~~~\n\n~~~", "&#8203;", "&nbsp;",
     "***", "---", "* * *", "-", "- \n- ", "1.", "+", "|", "| |\n|-|", "![]()", "[]()", "[](<>)",
     "<!-- x -->", "<b></b>", "<br>", "<div>\n</div>", "\\", "&#8203;\n\n# &#8203;", "> #\n> ***"],
)  # fmt: skip
def test_a_post_of_marks_is_shown_as_it_was_typed(text: str) -> None:
    assert seen(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[](https://example.org/a)", "https://example.org/a"),
        ("see [ ](https://example.org/a) there", "see  https://example.org/a there"),
        ("![](https://example.org/a.png)", "https://example.org/a.png"),
        ("![ ](https://example.org/a.png)", "https://example.org/a.png"),
        ("[![](https://example.org/a.png)](https://example.org)", "https://example.org/a.png"),
        ("~~~ hola ~~~\ntexto", "hola ~~~\ntexto"),
        ("```mermaid", "mermaid"),
        ("```python\nprint()\n```", "print()"),
        ("```Python\nprint()", "print()"),
        ("~~~hola\ntexto", "hola\ntexto"),
        ("```hola,mundo\ntexto\n```", "hola,mundo\ntexto"),
        ("```1.\ntexto\n```", "1.\ntexto"),
    ],
)
def test_nothing_that_was_typed_vanishes(text: str, shown: str) -> None:
    assert seen(text) == shown


A, B = "https://example.org/a", "https://example.org/b"


@pytest.mark.parametrize(
    ("text", "shown", "urls"),
    [
        (f"[1]: {A}", f"1: {A}", [A, A]),
        (f"[1]: <{A}>", f"1: {A}", [A, A]),
        (f"[1]: {A} 'A title'", f"1: {A} 'A title'", [A, A]),
        (f"[1]: {A}\n[2]: {B}", f"1: {A}\n2: {B}", [A, A, B, B]),
        (f"See [1].\n\n[1]: {A}\n\nThanks", f"See 1.\n1: {A}\nThanks", [A, A, A]),
        (f"[Our page][1]\n\n[1]: {A}", f"Our page\n1: {A}", [A, A, A]),
        (f"> [1]: {A}", f"1: {A}", [A, A]),
        (f"- [1]: {A}\n- b", f"1: {A}\nb", [A, A]),
        ("[1]: a book", "[1]: a book", []),
        ("[1]: javascript:alert(1)", "[1]: javascript:alert(1)", []),
    ],
)
def test_link_definitions_are_shown(text: str, shown: str, urls: list[str]) -> None:
    assert seen(text) == shown
    assert [url for url, _ in links(text)] == urls


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a_b_c", "https://example.org/_a_", "https://example.org/a_",
     "https://example.org/__a__", "https://example.org/a*b*c", "https://example.org/a*",
     "https://example.org/**a**", "https://example.org/L'Express", "https://example.org/L'",
     "https://example.org/~ana/~~b~~", "https://example.org/~", "https://example.org/a_(b)",
     "https://example.org/a(b)_(c)", "https://example.org/?a=1&copy=2&b[]=3#_x_",
     "https://example.org/ñandú_y_*", "https://example.org/القاهرة،_مصر",
     "https://example.org/文章_a_",
     "https://пример.рф/_а_", "HTTP://EXAMPLE.ORG/_A_", "http://[::1]/_a_",
     "https://example.org/a!b", "https://example.org/a-b+c=d@e"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("see ", " here"), ("(", ")"), ("[", "]"), ("", "."), ("", ", and"), ("", "!?"),
     ("«", "»"), ("“", "”"), ("看", "。谢谢"), ("", "؟"), ("", "।"), ('"', '"'), ("<", ">"),
     ("", "…"), ("(see ", ")."), ("- ", ""), ("> ", ""), ("", "\nb")],
)  # fmt: skip
def test_bare_urls_are_whole(url: str, before: str, after: str) -> None:
    assert [shown for _, shown in links(f"{before}{url}{after}")] == [url]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"*{A}*", f"<em>{A}</em>"),
        (f"**see {A}**", f"<strong>see {A}</strong>"),
        (f"_{A}_b_", f"<em>{A}_b</em>"),
        (f"~~{A}~~", f"<s>{A}</s>"),
        (f"**see {A}_**, *b*", f"<strong>see {A}_</strong>, <em>b</em>"),
        (f"'{A}'", f"'{A}'"),
        (f"'see {A}'", f"'see {A}'"),
    ],
)
def test_emphasis_and_quotation_marks_around_urls(text: str, expected: str) -> None:
    html = post_html(text)
    assert re.sub("</?(a|p)[^>]*>", "", html).strip() == expected
    assert all("'" not in url and not url.endswith("*") for url, _ in links(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"[{A}]({B})", [(B, A)]),
        (f"[see {A}_b_]({B})", [(B, f"see {A}_b_")]),
        (f"`{A}`", []),
        ("xhttps://example.org/a", []),
        ("https://", []),
        (f"{A} {B}", [(A, A), (B, B)]),
        (f"{A},{B}", [(f"{A},{B}", f"{A},{B}")]),
        ("https://example.org/" + "a" * 3000, []),
    ],
)
def test_what_is_not_a_bare_url(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "address",
    ["www.example.org/_a_", "www.example.org/a*b*c", "www.example.org/_a_(b)_", "example.org/_a_b_",
     "ftp://example.org/_a_", "HTTP.example.org/~a~/~~b~~", "doi:10.1000/_x_*y*",
     "mailto:_ana_@example.org", "www.example.org/_a_/_b_*", "www.example.org/a_b_c",
     "xmpp://example.org/**a**", "www.example.org/文_a_"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("see ", " here"), ("(", ")"), ("[", "]"), ("“", "”."), ("a\n", "\nb"), ("- ", "")],
)
def test_addresses_that_are_no_links_are_whole(address: str, before: str, after: str) -> None:
    assert address in seen(f"{before}{address}{after}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*www.example.org/a*", "<em>www.example.org/a</em>"),
        ("**see www.example.org/_a_**", "<strong>see www.example.org/_a_</strong>"),
        ("and/_or_", "and/<em>or</em>"),
        ("`www.example.org/_a_`", "<code>www.example.org/_a_</code>"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("5*3, and *so* on", "5*3, and <em>so</em> on"),
        ("这是**重点**", "这是<strong>重点</strong>"),
        ("2**3**4", "2<strong>3</strong>4"),
    ],
)
def test_marks_that_are_none(text: str, expected: str) -> None:
    assert post_html(text).strip() == f'<p dir="auto">{expected}</p>'


def test_bare_urls_of_modules_are_whole_too() -> None:
    assert f'<a href="{A}_b_"' in module_html(f"see {A}_b_.", url=str)


@given(
    st.lists(
        st.sampled_from(
            ["/", ".", "..", "?", "#", "a", "Z", "9", "-", "_", "~", ":", ":80", "@", "%", "%41",
             "%zz", "'", '"', "é", "&", "=", "+", ";", "(", ")", "*", "!", "\\", "[", "|", "xn--p",
             "b" * 70, "c." * 200]
        ),
        max_size=12,
    ).map(lambda parts: "http://a" + "".join(parts))
)  # fmt: skip
def test_a_normal_url_is_one_that_normalizing_leaves_as_it_is(url: str) -> None:
    assert not is_normal(url) or normalizeLink(url) == url


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.org/a_(b)/c?d=e&f#g", True),
        ("https://a.b/", True),
        ("https://example.org/é", False),
        ("https://xn--/é", False),
        ("https://Example.org/", False),
        ("https://example.org/%41", False),
        ("mailto:a@b.org", False),
    ],
)
def test_most_urls_are_normal(url: str, normal: bool) -> None:
    assert is_normal(url) is normal


def numbers(text: str) -> list[int]:
    """Return the numbers that a browser shows before the items of the first list."""
    html = post_html(text)
    first = re.search(r'<ol dir="auto"(?: start="(\d+)")?|<ol start="(\d+)"', html)
    number = int((first and (first[1] or first[2])) or 1) - 1
    shown = []
    for value in re.findall(r'<li(?: value="(\d+)")?>', html):
        number = int(value) if value else number + 1
        shown.append(number)
    return shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. a\n3. b\n5. c", [1, 3, 5]),
        ("3. a\n2. b\n1. c", [3, 2, 1]),
        ("1. a\n\n3. b\n\n5. c", [1, 3, 5]),
        ("1) a\n4) b\n5) c", [1, 4, 5]),
        ("0. a\n2. b", [0, 2]),
        ("1. a\n1. b\n1. c", [1, 2, 3]),
        ("1. a\n2. b\n3. c", [1, 2, 3]),
        ("7. a\n8. b", [7, 8]),
        ("007. a\n9. b", [7, 9]),
    ],
)
def test_lists_keep_their_numbers(text: str, expected: list[int]) -> None:
    assert numbers(text) == expected


def test_nested_lists_keep_their_numbers() -> None:
    html = post_html("1. a\n   1. b\n   3. c\n   - d\n4. e")
    assert re.findall(r'value="(\d+)">(\w)', html) == [("3", "c"), ("4", "e")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text:\n- a\n- b", "<p>text:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("text:\n1. a\n2. b", "<p>text:</p>\n<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("text:\n-", "<p>text:<br>\n-</p>"),
        ("text:\n- ", "<p>text:<br>\n-</p>"),
        ("text:\n---", "<p>text:</p>\n<hr>"),
        ("text:\n--\nb", "<p>text:<br>\n--<br>\nb</p>"),
        ("text:\n===", "<p>text:<br>\n===</p>"),
        ("> text\n> ---", "<blockquote>\n<p>text</p>\n<hr>\n</blockquote>"),
        ("1986. A year", "<p>1986. A year</p>"),
        ("2024) A year", "<p>2024) A year</p>"),
        ("born in\n1986. A year", "<p>born in<br>\n1986. A year</p>"),
        ("+1 from me", "<p>+1 from me</p>"),
        ("#cooperation #2024", "<p>#cooperation #2024</p>"),
        ("-5 degrees", "<p>-5 degrees</p>"),
        ("    indented", "<p>indented</p>"),
        ("a\n\n    indented\n\n\tby a tab", "<p>a</p>\n<p>indented</p>\n<p>by a tab</p>"),
        ("a\nb\nc", "<p>a<br>\nb<br>\nc</p>"),
        ("# A heading", "<h4>A heading</h4>"),
    ],
)
def test_lines_are_what_people_mean(text: str, expected: str) -> None:
    assert post_html(text).replace(' dir="auto"', "").strip() == expected


def test_a_post_is_blank_only_where_its_text_is() -> None:
    assert not is_blank(seen("&#8203;"))
    assert is_blank("\u200b")
