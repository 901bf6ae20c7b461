"""Each format is offered with its title and a line on what it is for, known or not."""

import pytest

from courseware.interface import interface
from lti_tool.packages.wording import for_whom, title
from scorm_builder import formats

UNKNOWN = for_whom(interface("en"), "something new")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_known_format_has_a_line_of_its_own(name: str) -> None:
    assert for_whom(interface("en"), name) not in ("", UNKNOWN)


def test_an_unknown_format_has_a_general_line() -> None:
    assert UNKNOWN


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("en", "website", "Website"),
        ("es", "website", "Sitio web"),
        ("fr", "website", "Site web"),
        ("pt", "website", "Site"),
        ("ar", "website", "موقع ويب"),
        ("ar", "epub", "EPUB 3"),
    ],
)
def test_a_title_that_is_no_proper_name_is_translated(language: str, name: str, shown: str) -> None:
    assert title(interface(language), name, formats.get(name).title) == shown
