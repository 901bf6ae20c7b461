"""The time of a selection, as a custom parameter."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lti_tool.lti.selection_time import parameters, read_selection_time

NOON = datetime(2026, 11, 30, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-3))])
def test_what_is_sent_is_read(zone: timezone) -> None:
    assert read_selection_time(parameters(NOON.astimezone(zone))) == NOON


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-30T12:00:00.250+00:00", NOON),
        ("2026-11-30T12:00:00.250Z", NOON),
        ("2026-11-30T09:00:00.250-03:00", NOON),
        ("2026-11-30T12:00:00", None),  # no time zone
        ("0001-01-01T00:00:00+14:00", None),  # before the first year
        ("9999-12-31T23:59:59-14:00", None),  # after the last one
        ("1796021097", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_values_of_the_parameter(value: str, read: datetime | None) -> None:
    assert read_selection_time({"selected": value}) == read


def test_a_link_without_the_parameter_has_no_time() -> None:
    assert read_selection_time({"module": "module-4"}) is None
