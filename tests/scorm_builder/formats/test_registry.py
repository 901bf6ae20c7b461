"""Every format is known to those who list them: a new one is forgotten by nobody."""

from pathlib import Path

from scorm_builder.formats import registry
from tests.browser import courses, standards

BROWSER = Path(standards.__file__).parent


def test_every_format_that_plays_is_played_in_every_weather() -> None:
    played = {*courses.FORMS, *standards.PLAYED_ALONE}
    assert played == {one.name for one in registry.buildable_formats() if one.adapters}
    for name in standards.PLAYED_ALONE.values():
        assert (BROWSER / name).is_file()


def test_every_other_format_has_nothing_that_plays() -> None:
    still = {one.name for one in registry.buildable_formats() if not one.adapters}
    assert still == set(standards.WITHOUT_RUNTIME)
