"""Geometry of the chart of usage, which the template draws as SVG beside a table.

No text is inside it, because text that scales with a drawing is too small on a phone. In a
right-to-left page the columns go from right to left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.institution.queries import Usage


@dataclass(frozen=True, slots=True)
class Column:
    """The launches of one week: ``x`` in columns, ``y`` and ``height`` of 100."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns, and the highest number."""

    columns: tuple[Column, ...]
    most: int


def chart(weeks: Sequence[Usage], *, rtl: bool) -> Chart:
    """Return the chart of the launches of each week."""
    most = max((week.launches for week in weeks), default=0)
    columns = []
    for index, week in enumerate(weeks):
        height = round(100 * week.launches / most, 2) if most else 0.0
        x = len(weeks) - 1 - index if rtl else index
        columns.append(Column(x, round(100 - height, 2), height))
    return Chart(tuple(columns), most)
