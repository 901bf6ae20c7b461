"""Moments as the services write them: ISO 8601 with milliseconds and a time zone."""

from datetime import UTC, datetime, timedelta


def iso_time(moment: datetime) -> str:
    """``2026-11-22T14:40:10.314Z``; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    text = aware.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_time(value: object) -> datetime | None:
    """A moment in UTC, or None for anything that is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def later_than(now: datetime, previous: datetime | None) -> datetime:
    """Now, or as little later as makes it a later second than ``previous``.

    Scores must be newer than the last one (AGS 2.0 §3.4.7), and Moodle compares whole seconds.
    """
    if previous is None:
        return now
    return max(now, previous.replace(microsecond=0) + timedelta(seconds=1))
