"""Timestamps of the services: ISO 8601 with milliseconds and a time zone (AGS 2.0 §3.4.7)."""

from datetime import UTC, datetime, timedelta


def iso_time(moment: datetime) -> str:
    """Format like ``2026-11-22T14:40:10.314Z``; without a time zone, UTC is assumed."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_time(value: object) -> datetime | None:
    """Parse a timestamp; return it in UTC, or None if it is invalid."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def later_than(now: datetime, previous: datetime | None) -> datetime:
    """``now``, or the next full second after ``previous`` if that is later.

    A score needs a later timestamp than the last one (AGS 2.0 §3.4.7), and platforms compare whole
    seconds.
    """
    if previous is None:
        return now
    return max(now, previous.replace(microsecond=0) + timedelta(seconds=1))
