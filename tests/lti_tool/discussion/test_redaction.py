"""Removing an erased person from the texts of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.discussion.redaction import Redactor

TEXTS = ["The market **opens** on Monday.\n\nBring your own bag, please.", "Yes."]
NAMES = ["Ana Quispe"]

CASES = {
    "a quoted line": ("> The market opens on Monday.\n\nTrue.", "> […]\n\nTrue."),
    "with other marks": ("> > the *market*  opens on monday", "> > […]"),
    "a part of a line": ("> market opens on Monday", "> […]"),
    "a whole quote that is short": ("> yes\n\nNo!", "> […]\n\nNo!"),
    "a short line among others": ("> yes\n> said somebody else", "> yes\n> said somebody else"),
    "two lines of one quote": (
        "> The market opens on Monday.\n>\n> Bring your own bag",
        "> […]\n>\n> […]",
    ),
    "a quote of somebody else": ("> Another text of a book", "> Another text of a book"),
    "no quote": ("The market opens on Monday.", "The market opens on Monday."),
    "a mention": ("Thanks @Ana Quispe, and @Anabel.", "Thanks @[…], and @Anabel."),
    "the name": ("As Ana Quispe said, ana  quispe.", "As […] said, […]."),
    "part of another name": ("Juana Quispe and Ana Quispez", "Juana Quispe and Ana Quispez"),
    "the name with marks": ("**Ana** Quispe, *Ana Quispe*", "**[…], *[…]*"),
    "the name in a quote": ("> **Ana Quispe** wrote:\n> well", "> **[…]** wrote:\n> well"),
    "one word of the name": ("Ana is a name.", "Ana is a name."),
}


@pytest.mark.parametrize("case", CASES)
def test_redaction(case: str) -> None:
    source, expected = CASES[case]
    assert Redactor(NAMES, TEXTS).redacted(source) == expected


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("Ana", "@Ana, Ana is here", "@[…], Ana is here"),
        ("Ana", "> Ana wrote\n> this", "> […] wrote\n> this"),
        ("a.*b (c)", "a.*b (c) and @a.*b (c)", "[…] and @[…]"),
        ("أمينة السعدي", "شكرًا @أمينة السعدي!", "شكرًا @[…]!"),
        ("", "@ nobody", "@ nobody"),
    ],
)
def test_names(name: str, source: str, expected: str) -> None:
    assert Redactor([name], []).redacted(source) == expected


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=3), st.text(max_size=20))
def test_any_text_stays_a_text(source: str, texts: list[str], name: str) -> None:
    redactor = Redactor([name], texts)
    once = redactor.redacted(source)
    assert len(once.split("\n")) <= len(source.split("\n")) + source.count("\n")
    if not name.strip() and not any(text.strip() for text in texts):
        assert once == source
