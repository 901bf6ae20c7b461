"""Geometry of the charts, which the templates draw as SVG. No text is inside them.

Text that scales with a drawing is too small on a phone, so labels are HTML beside it, and each
chart is drawn in or above a table with the same numbers. In a right-to-left page the charts grow
from right to left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lti_tool.discussion.participation import Day

WIDTH = 100
"""Units of a horizontal bar, and the height of a column."""
MOST_COLUMNS = 62
"""More days than this are put together to weeks, more weeks to months."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole: ``x`` and ``width`` of 100."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """The posts of one period, stacked. ``parts`` are (series, y, height) of 100, from below."""

    start: date
    end: date
    threads: int
    replies: int
    staff: int
    x: int
    parts: tuple[tuple[str, float, float], ...]

    @property
    def total(self) -> int:
        """All posts of the period."""
        return self.threads + self.replies + self.staff


@dataclass(frozen=True, slots=True)
class Timeline:
    """The columns of all periods from the first to the last; ``most``: the highest of them."""

    unit: str
    columns: tuple[Column, ...]
    most: int

    @property
    def width(self) -> int:
        """Units of the view box."""
        return max(len(self.columns), 1)


def bar(part: int, whole: int, *, rtl: bool) -> Bar:
    """Return the bar of a part of a whole, which begins where a line of text begins."""
    width = round(WIDTH * part / whole, 2) if whole else 0.0
    return Bar(WIDTH - width if rtl else 0.0, width)


def timeline(days: Sequence[Day], *, rtl: bool) -> Timeline | None:
    """Return the chart of the posts over time; None without posts."""
    if not days:
        return None
    first, last = (date.fromisoformat(day.day) for day in (days[0], days[-1]))
    unit = "day"
    if (last - first).days >= MOST_COLUMNS:
        unit = "week" if (last - first).days < 7 * MOST_COLUMNS else "month"
    sums: dict[date, list[int]] = {}
    start = _start(first, unit)
    while start <= last:
        sums[start] = [0, 0, 0]
        start = _next(start, unit)
    for day in days:
        numbers = sums[_start(date.fromisoformat(day.day), unit)]
        for index, value in enumerate((day.threads, day.replies, day.staff)):
            numbers[index] += value
    most = max(sum(numbers) for numbers in sums.values())
    columns = []
    for index, (start, numbers) in enumerate(sums.items()):
        x = len(sums) - 1 - index if rtl else index
        end = _next(start, unit) - timedelta(days=1)
        threads, replies, staff = numbers
        parts = _stacked(numbers, most)
        columns.append(Column(start, end, threads, replies, staff, x, parts))
    return Timeline(unit, tuple(columns), most)


def _stacked(numbers: Sequence[int], most: int) -> tuple[tuple[str, float, float], ...]:
    parts, below = [], 0.0
    for series, number in zip(("threads", "replies", "staff"), numbers, strict=True):
        height = WIDTH * number / most if most else 0.0
        if height:
            parts.append((series, round(WIDTH - below - height, 2), round(height, 2)))
        below += height
    return tuple(parts)


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next(start: date, unit: str) -> date:
    if unit == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=7 if unit == "week" else 1)
