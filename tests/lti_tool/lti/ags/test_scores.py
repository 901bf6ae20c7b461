"""Scores and results, at a server that answers as Moodle does. AGS 2.0 §3.3 and §3.4."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lti_tool.lti.ags.scores import Score, ScoreOutcome, list_results, put_score
from lti_tool.lti.service_errors import ServiceError
from lti_tool.platforms import find_profile
from tests.lti_tool.lti.local_server import Reply
from tests.lti_tool.lti.moodle import Moodle

MOMENT = datetime(2026, 11, 22, 14, 40, 10, 314_159, tzinfo=UTC)


def score(**changes: Any) -> Score:
    return replace(Score("4", MOMENT, 8.5, 10), **changes)


def put(moodle: Moodle, given: Score, *, product: str = "moodle") -> ScoreOutcome:
    moodle.services.registration = replace(
        moodle.services.registration, profile=find_profile("https://lms.example.edu", product)
    )
    return put_score(moodle.services, moodle.grades, moodle.line_item, given)


def test_a_score(moodle: Moodle) -> None:
    comment = "Muito bem! <b>çã</b> & 1<2\nlinha 2\0"
    assert put(moodle, score(comment=comment)) is ScoreOutcome.RECORDED
    assert moodle.last.path == moodle.score_route()
    assert moodle.last.query == {"type_id": "1"}
    assert moodle.last.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert moodle.last.json() == {
        "userId": "4",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-22T14:40:10.314Z",
        "scoreGiven": 8.5,
        "scoreMaximum": 10,
        "comment": "Muito bem! <b>çã</b> & 1<2\nlinha 2",
    }


def test_the_times_of_a_submission(moodle: Moodle) -> None:
    put(moodle, score(started_at=MOMENT - timedelta(hours=1), submitted_at=MOMENT))
    assert moodle.last.json()["submission"] == {
        "startedAt": "2026-11-22T13:40:10.314Z",
        "submittedAt": "2026-11-22T14:40:10.314Z",
    }
    put(moodle, score(submitted_at=MOMENT))
    assert moodle.last.json()["submission"] == {"submittedAt": "2026-11-22T14:40:10.314Z"}


def test_no_points_at_all_are_points(moodle: Moodle) -> None:
    put(moodle, score(given=0))
    assert moodle.last.json()["scoreGiven"] == 0


def test_a_moment_elsewhere_is_told_in_utc(moodle: Moodle) -> None:
    put(moodle, score(moment=MOMENT.astimezone(timezone(timedelta(hours=-5)))))
    assert moodle.last.json()["timestamp"] == "2026-11-22T14:40:10.314Z"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("27-score-same-second", ScoreOutcome.OUTDATED),
        ("28-score-older", ScoreOutcome.OUTDATED),
        ("30-score-for-a-teacher", ScoreOutcome.NOT_GRADABLE),
        ("31-score-for-an-unknown-person", ScoreOutcome.NOT_GRADABLE),
    ],
)
def test_scores_that_are_not_taken(moodle: Moodle, name: str, outcome: ScoreOutcome) -> None:
    moodle.answers("POST", moodle.score_route(), name)
    assert put(moodle, score()) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(422, ScoreOutcome.NOT_GRADABLE), (404, ScoreOutcome.GONE), (204, ScoreOutcome.RECORDED)],
)
def test_other_answers(moodle: Moodle, status: int, outcome: ScoreOutcome) -> None:
    moodle.server.always(f"POST {moodle.score_route()}", Reply(b"", status))
    assert put(moodle, score()) is outcome


def test_a_platform_in_trouble(moodle: Moodle) -> None:
    moodle.server.always(f"POST {moodle.score_route()}", Reply(b"", 502))
    with pytest.raises(ServiceError) as caught:
        put(moodle, score())
    assert caught.value.is_retriable


@pytest.mark.parametrize("product", ["moodle", "canvas", "unknown"])
@pytest.mark.parametrize(
    "given", [score(given=None), score(grading="Pending"), score(grading="Failed")]
)
def test_what_would_clear_a_grade_is_not_sent(moodle: Moodle, given: Score, product: str) -> None:
    assert put(moodle, given, product=product) is ScoreOutcome.WITHHELD
    assert not moodle.server.paths(moodle.score_route())


def test_others_are_sent_progress_without_points(moodle: Moodle) -> None:
    given = score(given=None, maximum=None, activity="InProgress", grading="NotReady")
    assert put(moodle, given, product="sakai") is ScoreOutcome.RECORDED
    assert "scoreGiven" not in moodle.last.json()


def test_canvas_makes_no_submission_of_a_score_and_keeps_an_instructors_grade(
    moodle: Moodle,
) -> None:
    put(moodle, score(), product="canvas")
    extension = moodle.last.json()["https://canvas.instructure.com/lti/submission"]
    assert extension == {
        "new_submission": False,
        "preserve_score": True,
        "prioritize_non_tool_grade": True,
    }


@pytest.mark.parametrize("maximum", [None, 0, -1])
def test_points_need_a_maximum(moodle: Moodle, maximum: float | None) -> None:
    with pytest.raises(ValueError, match="maximum"):
        put(moodle, score(maximum=maximum))


def test_results(moodle: Moodle) -> None:
    found = list_results(moodle.services, moodle.grades, moodle.line_item)
    assert found.complete
    assert [(one.subject, one.score, one.maximum) for one in found.results] == [
        ("4", 18, 20),
        ("5", 0, 20),
        ("6", 14, 20),
    ]
    assert found.results[0].comment == "Segundo"
    assert moodle.last.headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"
    assert moodle.last.query == {"type_id": "1"}


def test_the_result_of_one_person(moodle: Moodle) -> None:
    list_results(moodle.services, moodle.grades, moodle.line_item, subject="4")
    assert moodle.last.query == {"type_id": "1", "user_id": "4"}


def test_an_ungraded_person(moodle: Moodle) -> None:
    route = f"GET {moodle.score_route().replace('scores', 'results')}"
    moodle.server.always(route, Reply([{"id": "x", "userId": "7"}, {"id": "y"}, None]))
    (one,) = list_results(moodle.services, moodle.grades, moodle.line_item).results
    assert (one.subject, one.score, one.maximum, one.comment) == ("7", None, None, None)
