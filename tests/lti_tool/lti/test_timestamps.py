"""Moments, as they are written and compared."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lti_tool.lti.timestamps import iso_time, later_than, parse_time

NOON = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)


def test_written_with_milliseconds_in_utc() -> None:
    lima = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert iso_time(lima) == iso_time(NOON) == "2026-11-22T12:00:00.500Z"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T12:00:00.500Z", NOON),
        ("2026-11-22T07:00:00.500-05:00", NOON),
        ("2026-11-22T12:00:00.500", NOON),
        ("yesterday", None),
        ("", None),
        (7, None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_read(text: object, moment: datetime | None) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        (None, NOON),
        (NOON - timedelta(hours=1), NOON),
        (NOON, NOON.replace(second=1, microsecond=0)),
        (NOON.replace(microsecond=900_000), NOON.replace(second=1, microsecond=0)),
        (NOON + timedelta(hours=1), NOON.replace(hour=13, second=1, microsecond=0)),
    ],
)
def test_always_a_later_second_than_the_last(previous: datetime | None, expected: datetime) -> None:
    assert later_than(NOON, previous) == expected
