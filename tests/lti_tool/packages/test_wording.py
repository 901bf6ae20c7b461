"""Each format is offered with a line on what it is for, known or not."""

import pytest

from courseware.i18n import interface
from lti_tool.packages.wording import for_whom

UNKNOWN = for_whom(interface("en"), "something new")


@pytest.mark.parametrize(
    "name", ["scorm12", "scorm2004-3", "scorm2004-4", "cmi5", "cc11", "cc13", "website", "epub"]
)
def test_a_known_format_has_a_line_of_its_own(name: str) -> None:
    assert for_whom(interface("en"), name) not in ("", UNKNOWN)


def test_an_unknown_format_has_a_general_line() -> None:
    assert UNKNOWN
