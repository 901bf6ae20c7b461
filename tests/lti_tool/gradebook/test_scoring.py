"""What counts, and the points that follow from what a person has done."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from courseware import parts, resources
from courseware.library import Library
from courseware.module import Module
from lti_tool.gradebook import scoring, settings
from lti_tool.gradebook.scoring import Work, compute
from lti_tool.gradebook.settings import GradeSettings, Requirement

MOMENT = datetime(2026, 11, 30, tzinfo=UTC)
OFF = Requirement(1, 0)
REPLIES = GradeSettings(
    method="participation",
    maximum=3,
    sections=OFF,
    questions=OFF,
    threads=OFF,
    replies=Requirement(3, 1),
)


@pytest.fixture(scope="module")
def module() -> Module:
    found = Library(resources.content()).get("module-4")
    assert found is not None
    return found


@pytest.mark.parametrize("maximum", [3, 12, 80])
@pytest.mark.parametrize(("written", "share"), [(1, 1 / 3), (2, 2 / 3), (3, 1), (5, 1)])
def test_points_are_not_rounded(module: Module, maximum: float, written: int, share: float) -> None:
    chosen = replace(REPLIES, maximum=maximum)
    found = compute("activity", chosen, module, Work(replies=written))
    assert found.points == pytest.approx(share * maximum, abs=1e-9)
    assert found.complete is (share == 1)


def test_weights(module: Module) -> None:
    chosen = replace(
        REPLIES,
        maximum=10,
        sections=Requirement(2, 3),
        questions=Requirement(2, 1),
        replies=Requirement(2, 1),
    )
    work = Work(sections=2, questions=0, replies=1)
    assert compute("activity", chosen, module, work).points == pytest.approx(10 * 3.5 / 5)


@pytest.mark.parametrize(
    ("work", "points"),
    [
        (Work(), None),
        (Work(sections=1, threads=5, questions=2), None),
        (Work(replies=1), 1),
    ],
)
def test_only_who_has_begun_gets_points(module: Module, work: Work, points: float | None) -> None:
    assert compute("activity", REPLIES, module, work).points == points
    over = compute("activity", REPLIES, module, work, over=True)
    assert over.points == (points or 0)


def test_complete_or_nothing(module: Module) -> None:
    chosen = replace(REPLIES, method="completion")
    some = compute("activity", chosen, module, Work(replies=2))
    every = compute("activity", chosen, module, Work(replies=3, latest_at=MOMENT))
    assert (some.points, every.points, every.maximum) == (None, 1, 1)
    assert every.submitted_at == MOMENT


def test_checkpoints_are_apart(module: Module) -> None:
    chosen = replace(REPLIES, method="none", first_post=5, replies_checkpoint=4)
    work = Work(threads=1, replies=1, first_post_at=MOMENT)
    assert scoring.kinds_of(chosen, module) == ("first_post", "replies")
    first, replies = (compute(kind, chosen, module, work) for kind in ("first_post", "replies"))
    assert (first.points, first.complete, first.submitted_at) == (5, True, MOMENT)
    assert (replies.points, replies.complete) == (2, False)


def test_nothing_counts_where_there_is_nothing_to_do(module: Module) -> None:
    silent = replace(module, sections=module.sections[:1])
    assert compute("activity", REPLIES, silent, Work(replies=3), over=True).points is None
    every = replace(REPLIES, replies=OFF, questions=Requirement(None, 1))
    [criterion] = scoring.criteria(every, module)
    assert criterion.required == len(module.questions)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"method": "guess"}, "none"),
        ({"method": "manual", "maximum": -1, "sections": {"number": "x"}}, "manual"),
        ({"method": "completion", "due_at": "2026-11-30", "unknown": 1}, "completion"),
    ],
)
def test_values_that_are_not_valid_are_ignored(values: dict[str, Any], expected: str) -> None:
    found = settings.from_values(values)
    assert (found.method, found.maximum, found.due_at) == (expected, None, None)
    chosen = replace(REPLIES, due_at=MOMENT, first_post=2.5)
    assert settings.parse(settings.serialize(chosen), linked=False) == chosen
    assert settings.parse(None, linked=True).method == "participation"
    assert settings.parse(None, linked=False).graded is False


@pytest.mark.parametrize(
    ("part", "required"),
    [
        ("section/introduction", {"sections": 1}),
        ("section/questions", {"sections": 2, "questions": 2, "replies": 2}),
        ("discussion", {"replies": 2}),
    ],
)
def test_of_a_part_of_a_module_only_what_it_shows_counts(
    module: Module, part: str, required: dict[str, int]
) -> None:
    chosen = GradeSettings(method="participation")
    found = scoring.criteria(chosen, parts.only(module, part))
    assert {each.item: each.required for each in found} == required
