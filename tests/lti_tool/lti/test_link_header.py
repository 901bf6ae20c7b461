"""Next pages, as services write them."""

import pytest

from lti_tool.lti.link_header import next_link
from lti_tool.platforms.moodle import MOODLE
from tests.lti_tool.lti.samples import capture

BASE = "https://lms.example.edu/api/lineitems?limit=2"


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ("", None),
        ('<https://x.edu/a?p=AbC>; rel="next"', "https://x.edu/a?p=AbC"),
        ("<https://x.edu/a>; rel=next", "https://x.edu/a"),
        ('<https://x.edu/a>; title="b"; rel="next"', "https://x.edu/a"),
        ('<https://x.edu/a>; rel="last next"', "https://x.edu/a"),
        ('<https://x.edu/1>; rel="prev", <https://x.edu/2>; rel="next"', "https://x.edu/2"),
        ('<https://x.edu/1,2;3>; rel="next"', "https://x.edu/1,2;3"),
        ('<https://x.edu/1>; rel="prev"', None),
        ('<https://x.edu/1>; rel="nextish"', None),
        ('<https://x.edu/1>; title="next"', None),
        ("</page/2>; REL=NEXT", "https://lms.example.edu/page/2"),
        ("<?page=2>; rel='next'", "https://lms.example.edu/api/lineitems?page=2"),
    ],
)
def test_next_link(header: str, following: str | None) -> None:
    assert next_link(header, BASE) == following


def test_moodle_line_items_have_curly_quotes_and_entities() -> None:
    header = capture("24-line-items-limit-1")["headers"]["Link"]
    assert next_link(MOODLE.repair_link_header(header), BASE) == (
        "http://localhost:8100/mod/lti/services.php/2/lineitems?type_id=1&limit=1&from=1"
    )


def test_moodle_members() -> None:
    header = capture("20-roster-limit-2")["headers"]["Link"]
    assert next_link(header, BASE) == (
        "http://localhost:8100/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
        "?limit=2&from=2"
    )
