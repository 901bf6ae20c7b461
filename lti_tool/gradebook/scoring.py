"""Compute the grade of a person from what the person has done. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from courseware.module import Module
from lti_tool.gradebook.settings import DEFAULT_MAXIMUM, GradeSettings

Kind = Literal["activity", "first_post", "replies"]
KINDS: tuple[Kind, ...] = ("activity", "first_post", "replies")
Item = Literal["sections", "questions", "threads", "replies"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a person has done in an activity.

    ``questions`` counts questions with at least one answer; ``threads`` are posts that are no
    replies. ``latest_at`` is the time of the latest post.
    """

    sections: int = 0
    questions: int = 0
    threads: int = 0
    replies: int = 0
    started_at: datetime | None = None
    read_at: datetime | None = None
    first_post_at: datetime | None = None
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one thing requires in this module, its weight, and what exists (None: no limit)."""

    item: Item
    required: int
    weight: int
    total: int | None = None

    def done(self, work: Work) -> int:
        """How many the person has done, at most those required."""
        return min(int(getattr(work, self.item)), self.required)


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed grade; ``points`` None: nothing to send."""

    points: float | None
    maximum: float | None
    complete: bool
    submitted_at: datetime | None


def criteria(settings: GradeSettings, module: Module) -> tuple[Criterion, ...]:
    """What counts in this module for the activity's own column, if it is not graded by hand.

    The module has only what the activity shows: there is nothing to read in a discussion alone.
    """
    if settings.method not in ("participation", "completion"):
        return ()
    discusses = module.discussion_section is not None
    totals: Mapping[Item, int | None] = {
        "sections": len(module.sections) if _has_text(module) else 0,
        "questions": len(module.questions) if discusses else 0,
        "threads": None if discusses else 0,
        "replies": None if discusses else 0,
    }
    found = []
    for item, total in totals.items():
        requirement = getattr(settings, item)
        number = requirement.number if requirement.number is not None else total or 0
        required = number if total is None else min(number, total)
        if required > 0 and requirement.weight > 0:
            found.append(Criterion(item, required, requirement.weight, total))
    return tuple(found)


def _has_text(module: Module) -> bool:
    return any(not section.kind.holds_discussion for section in module.sections)


def checkpoint(kind: Kind, settings: GradeSettings) -> Criterion:
    """What a checkpoint requires. Its first post is one that is no reply."""
    if kind == "first_post":
        return Criterion("threads", 1, 1)
    return Criterion("replies", settings.replies_number, 1)


def column_maximum(kind: Kind, settings: GradeSettings) -> float | None:
    """The points of a column; None for those of the LMS."""
    values = {
        "activity": settings.maximum,
        "first_post": settings.first_post,
        "replies": settings.replies_checkpoint,
    }
    return values[kind]


def column_due_at(kind: Kind, settings: GradeSettings) -> datetime | None:
    """When a column is due."""
    values = {
        "activity": settings.due_at,
        "first_post": settings.first_post_due_at,
        "replies": settings.replies_due_at,
    }
    return values[kind]


def kinds_of(settings: GradeSettings, module: Module | None) -> tuple[Kind, ...]:
    """The columns that the settings ask for, without those in which nothing in the module counts.

    Such a column would have no grade at all, and the LMS would show it to everybody. ``module`` is
    None while none is chosen.
    """
    discusses = module is None or module.discussion_section is not None
    counts = settings.method == "manual" or module is None or bool(criteria(settings, module))
    present = {
        "activity": settings.method != "none" and counts,
        "first_post": settings.first_post is not None and discusses,
        "replies": settings.replies_checkpoint is not None and discusses,
    }
    return tuple(kind for kind in KINDS if present[kind])


def compute(
    kind: Kind,
    settings: GradeSettings,
    module: Module,
    work: Work,
    *,
    maximum: float | None = None,
    over: bool = False,
) -> Computed:
    """Return the grade of a person in a column.

    ``maximum``: of the column, where the settings leave it to the LMS. ``over``: the column is due,
    and a learner who has done nothing gets 0.
    """
    if kind == "activity" and settings.method == "manual":
        return Computed(None, None, complete=False, submitted_at=work.latest_at)
    required = criteria(settings, module) if kind == "activity" else (checkpoint(kind, settings),)
    if not required:
        return Computed(None, None, complete=False, submitted_at=None)
    whole = sum(each.weight for each in required)
    share = sum(each.weight * each.done(work) / each.required for each in required) / whole
    complete = all(each.done(work) >= each.required for each in required)
    submitted_at = _submitted_at(kind, required, work)
    if kind == "activity" and settings.method == "completion":
        points, most = (1.0 if complete else 0.0), 1.0
        begun = complete
    else:
        most = column_maximum(kind, settings) or maximum or DEFAULT_MAXIMUM
        points = most if complete else most * share
        begun = share > 0
    if not begun and not over:
        return Computed(None, most, complete=False, submitted_at=submitted_at)
    return Computed(points, most, complete, submitted_at)


def _submitted_at(kind: Kind, required: tuple[Criterion, ...], work: Work) -> datetime | None:
    """The latest contribution that counts."""
    if kind == "first_post":
        return work.first_post_at
    posts = any(each.item != "sections" for each in required)
    moments = [work.latest_at] if posts and work.latest_at else []
    if any(each.item == "sections" for each in required) and work.read_at:
        moments.append(work.read_at)
    return max(moments, default=None)
