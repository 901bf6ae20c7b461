"""What counts for the grade of an activity: an instructor decides, as JSON in ``grade_rules``."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, get_args

Method = Literal["none", "participation", "completion", "manual"]
METHODS: tuple[Method, ...] = get_args(Method)

MAX_POINTS = 10_000.0
MAX_NUMBER = 1000
"""Highest number of posts that can be required, and highest weight."""
DEFAULT_MAXIMUM = 100.0


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many of something are required (None: all), and their weight (0: they do not count)."""

    number: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class GradeSettings:
    """What counts, and in which columns.

    - ``method``: of the activity's own column. ``participation``: points in proportion to what was
      done; ``completion``: all of it or nothing; ``manual``: an instructor gives points.
    - ``maximum``: points; None for those of the LMS, if it has the column, else 100.
    - ``sections``, ``questions``, ``threads``, ``replies``: what is required, for the first two
      methods. ``threads`` are posts that are no replies, answers to questions among them.
    - ``zero_after_due``: a learner who has done nothing gets 0 when the column is due.
    - ``released``: participants see the grades in the LMS, where it supports this.
    - ``first_post``, ``replies_checkpoint``: points of the checkpoints, each a column of its own;
      None without it. The second needs ``replies_number`` replies.
    - ``due_at`` etc. are shown in ``time_zone`` (IANA).
    """

    method: Method = "none"
    maximum: float | None = None
    sections: Requirement = Requirement(None, 1)
    questions: Requirement = Requirement(None, 1)
    threads: Requirement = Requirement(1, 0)
    replies: Requirement = Requirement(2, 1)
    due_at: datetime | None = None
    zero_after_due: bool = False
    released: bool = True
    first_post: float | None = None
    first_post_due_at: datetime | None = None
    replies_checkpoint: float | None = None
    replies_number: int = 2
    replies_due_at: datetime | None = None
    time_zone: str = "UTC"

    @property
    def graded(self) -> bool:
        """Whether there is any column."""
        return (
            self.method != "none"
            or self.first_post is not None
            or self.replies_checkpoint is not None
        )


UNGRADED = GradeSettings()
LINKED = GradeSettings(method="participation")
"""Of an activity that the LMS has a column for, before an instructor decided."""

_MOMENTS = ("due_at", "first_post_due_at", "replies_due_at")
_REQUIREMENTS = ("sections", "questions", "threads", "replies")


def without_dates(settings: GradeSettings) -> GradeSettings:
    """Return the settings without due dates, and so without zeros after them."""
    return replace(
        settings, due_at=None, first_post_due_at=None, replies_due_at=None, zero_after_due=False
    )


def serialize(settings: GradeSettings) -> str:
    """Return the settings as JSON."""
    values: dict[str, Any] = asdict(settings)
    for name in _MOMENTS:
        values[name] = values[name].isoformat() if values[name] else None
    return json.dumps(values, sort_keys=True)


def parse(stored: str | None, *, linked: bool) -> GradeSettings:
    """Return the settings that apply. ``linked``: the LMS has a column for the activity.

    Values that are not valid are ignored.
    """
    if stored is None:
        return LINKED if linked else UNGRADED
    return from_values(json.loads(stored))


def from_values(values: dict[str, Any]) -> GradeSettings:
    """Return settings from values of JSON; each value that is not valid is ignored."""
    valid: dict[str, Any] = {}
    for each in fields(GradeSettings):
        if each.name in values:
            try:
                valid[each.name] = _value(each.name, values[each.name])
            except (TypeError, ValueError, KeyError):
                continue
    return GradeSettings(**valid)


def _value(name: str, value: Any) -> Any:
    if name in _REQUIREMENTS:
        return _requirement(name, value)
    if name in _MOMENTS:
        moment = datetime.fromisoformat(value) if value is not None else None
        if moment is not None and moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if name in ("maximum", "first_post", "replies_checkpoint"):
        return None if value is None else _points(value)
    if name == "replies_number":
        return _whole(value, 1)
    if name in ("zero_after_due", "released"):
        return bool(value)
    if name == "method" and value not in METHODS:
        raise ValueError("not one of the methods")
    return str(value)


def _requirement(name: str, value: Any) -> Requirement:
    number = value["number"]
    if number is not None or name in ("threads", "replies"):
        number = _whole(number, 1)
    return Requirement(number, _whole(value["weight"], 0))


def _points(value: Any) -> float:
    number = float(value)
    if not 0 < number <= MAX_POINTS:
        raise ValueError("not a number of points")
    return number


def _whole(value: Any, least: int) -> int:
    number = int(value)
    if not least <= number <= MAX_NUMBER:
        raise ValueError("out of range")
    return number
