"""Which texts of a post are translated, and how translations are put back."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from courseware.markdown import TooComplex, post_html
from courseware.markdown.html import post_cleaner
from lti_tool.discussion.translation_markup import translate

POST = (
    "Hola **a todas**, vean [la guía](https://x.org/a) y `code`, @ana y https://y.org/z\n\n"
    "- uno\n- dos\n\n```\ncódigo\n```\n\n> una cita de a@b.org"
)
KEPT = ("https://x.org/a", "https://y.org/z", "<code>code</code>", "@ana", "a@b.org", "código")
PLACEHOLDER = re.compile(r"\[X(\d+)X\]")


def upper(texts: Sequence[str]) -> list[str]:
    return [text.upper() for text in texts]


def test_only_texts_are_sent() -> None:
    sent: list[str] = []

    def request(texts: Sequence[str]) -> list[str]:
        sent.extend(texts)
        return upper(texts)

    translated = translate(post_html(POST), request)
    assert sent == [
        "Hola [X1X]a todas[X2X], vean [X3X]la guía[X4X] y [X5X], [X6X] y [X7X]",
        "uno",
        "dos",
        "una cita de [X1X]",
    ]
    assert not [kept for kept in KEPT if kept in "".join(sent)]
    assert translated is not None
    assert translated.lower() == post_html(POST).lower()
    assert "<strong>A TODAS</strong>" in translated


@pytest.mark.parametrize(
    "change",
    [
        lambda text: PLACEHOLDER.sub("", text),
        lambda text: PLACEHOLDER.sub(r"[X\1X] [X\1X]", text),
        lambda text: PLACEHOLDER.sub(r"[Y\1Y]", text),
        lambda text: PLACEHOLDER.sub(r"[X9\1X]", text),
        lambda text: text + " [X1X]",
        lambda text: PLACEHOLDER.sub(lambda found: f"[X{int(found[1]) % 4 + 1}X]", text),
        lambda text: " ".join(reversed(PLACEHOLDER.findall(text))),
        lambda text: f"<script>alert(1)</script>{text}<img src=x onerror=alert(1)>",
        lambda text: text.replace("[", "<b>["),
    ],
)
def test_a_careless_service_loses_nothing(change: Callable[[str], str]) -> None:
    translated = translate(post_html(POST), lambda texts: [change(text) for text in upper(texts)])
    assert translated is not None
    cleaned = post_cleaner().clean(translated)
    for kept in KEPT:
        expected = post_html(POST).count(kept)
        assert cleaned.count(kept) == expected
    tree = lxml_html.fromstring(f"<div>{cleaned}</div>")
    assert not tree.xpath("//script | //img | //b | //*[@onerror]")
    assert len(tree.xpath("//a")) == 2
    assert "[X" not in cleaned
    assert len(tree.xpath("//strong")) == 1


def test_placeholders_may_move_and_be_written_in_other_digits() -> None:
    source = post_html("uno `a` dos `b`")
    for answer in ("DOS [X2X] UNO [X1X]", "DOS [ x٢x ] UNO [X١X]"):
        translated = translate(source, lambda _, answer=answer: [answer])
        assert translated is not None
        assert "DOS <code>b</code> UNO <code>a</code>" in translated


def test_text_that_looks_like_a_placeholder_stays() -> None:
    translated = translate(post_html("hola [X1X] y `x` [x 2 x]"), upper)
    assert translated is not None
    assert "HOLA [X1X] Y <code>x</code> [x 2 x]" in translated


@pytest.mark.parametrize(
    "text", ["`code`", "123 456", "https://x.org", "@ana", "😀", "```\nx\n```"]
)
def test_nothing_is_sent_without_words(text: str) -> None:
    def request(_: Sequence[str]) -> list[str]:
        raise AssertionError("a request was sent")

    assert translate(post_html(text), request) is None


@given(st.text(alphabet="aé *_`[]()<>&\n-#@|X1x.:/~", max_size=120))
def test_the_structure_of_any_post_stays(text: str) -> None:
    try:
        before = post_html(text)
    except TooComplex:
        return
    unchanged = translate(before, lambda texts: texts)
    if unchanged is not None:
        assert post_cleaner().clean(unchanged) == before
    lost = translate(before, lambda texts: [PLACEHOLDER.sub("", each) for each in texts])
    if lost is not None:
        assert post_cleaner().clean(lost) == before
