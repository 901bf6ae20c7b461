"""The score and result services."""

from typing import Any

import pytest

from demo_lms import vocabulary as lti
from demo_lms.model import LineItem
from demo_lms.running import Running

JOAO = "p-7302"


@pytest.fixture
def item(lms: Running, client_id: str) -> LineItem:
    return lms.state.new_line_item("coop-101", client_id, "Participación", 20)


def body(**changes: Any) -> dict[str, Any]:
    sent = {
        "userId": JOAO,
        "scoreGiven": 8.5,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-03-01T10:00:00.500Z",
        "comment": "Muito bem! çã",
        **changes,
    }
    return {name: value for name, value in sent.items() if value is not None}


@pytest.fixture
def send(call: Any, item: LineItem) -> Any:
    def sender(**changes: Any) -> int:
        path = f"/lti/courses/coop-101/line-items/{item.id}/scores"
        sent = call("POST", path, body=body(**changes), media_type=lti.TYPE_SCORE)
        return int(sent.status_code)

    return sender


@pytest.fixture
def results(call: Any, item: LineItem) -> Any:
    def reader(query: str = "") -> Any:
        path = f"/lti/courses/coop-101/line-items/{item.id}/results{query}"
        return call("GET", path, accept=lti.TYPE_RESULTS)

    return reader


def test_a_result_is_scaled_to_the_line_item(
    lms: Running, item: LineItem, send: Any, results: Any
) -> None:
    assert send() == 200
    response = results()
    assert response.headers["Content-Type"] == lti.TYPE_RESULTS
    url = f"{lms.url}/lti/courses/coop-101/line-items/{item.id}"
    assert response.json() == [
        {
            "id": f"{url}/results?user_id={JOAO}",
            "scoreOf": url,
            "userId": JOAO,
            "resultScore": 17.0,
            "resultMaximum": 20,
            "comment": "Muito bem! çã",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"userId": None}, 400),
        ({"userId": "unpublished"}, 400),
        ({"userId": "p-7301"}, 400),  # the instructor
        ({"userId": 7}, 400),
        ({"activityProgress": None}, 400),
        ({"activityProgress": "Done"}, 400),
        ({"gradingProgress": None}, 400),
        ({"gradingProgress": "Graded"}, 400),
        ({"scoreMaximum": None}, 400),
        ({"scoreMaximum": 0}, 400),
        ({"scoreGiven": -1}, 400),
        ({"scoreGiven": "8"}, 400),
        ({"scoreGiven": True}, 400),
        ({"timestamp": None}, 400),
        ({"timestamp": "yesterday"}, 400),
        ({"timestamp": "2026-03-01T10:00:00"}, 400),  # no time zone
        ({"comment": 3}, 400),
        ({"scoreGiven": 12}, 200),  # more than the maximum is allowed
        ({"scoreGiven": 0}, 200),
        ({"comment": None}, 200),
        ({"timestamp": "2026-03-01T07:00:00-03:00"}, 200),
    ],
    ids=str,
)
def test_invalid_scores(send: Any, changes: dict[str, Any], status: int) -> None:
    assert send(**changes) == status


def test_only_newer_scores_are_accepted(send: Any, results: Any) -> None:
    assert send(timestamp="2026-03-01T10:00:00.500Z") == 200
    assert send(timestamp="2026-03-01T10:00:00.500Z", scoreGiven=1) == 409
    assert send(timestamp="2026-03-01T09:00:00Z", scoreGiven=1) == 409
    assert send(timestamp="2026-03-01T11:00:00+02:00", scoreGiven=1) == 409
    assert results().json()[0]["resultScore"] == 17
    assert send(timestamp="2026-03-01T10:00:00.501Z", scoreGiven=10) == 200
    assert results().json()[0]["resultScore"] == 20


def test_moodle_compares_whole_seconds(lms: Running, send: Any) -> None:
    lms.state.flavour = "moodle"
    assert send(timestamp="2026-03-01T10:00:00.100Z") == 200
    assert send(timestamp="2026-03-01T10:00:00.900Z") == 409
    assert send(timestamp="2026-03-01T10:00:01.000Z") == 200


def test_status_codes_of_canvas(lms: Running, send: Any) -> None:
    lms.state.flavour = "canvas"
    assert send(userId="p-7301") == 422
    assert send() == 200
    assert send() == 400


def test_a_score_without_points_or_pending_clears_the_grade(send: Any, results: Any) -> None:
    assert send() == 200
    cleared = {"scoreGiven": None, "scoreMaximum": None, "timestamp": "2026-03-02T10:00:00Z"}
    assert send(**cleared) == 200
    assert results().json() == []
    assert send(timestamp="2026-03-03T10:00:00Z", gradingProgress="Pending") == 200
    assert results().json() == []


def test_results_are_filtered_and_paged(send: Any, results: Any) -> None:
    for user in (JOAO, "p-7303", "p-7304"):
        assert send(userId=user) == 200
    assert [r["userId"] for r in results("?user_id=p-7303").json()] == ["p-7303"]
    first = results("?limit=2")
    assert len(first.json()) == 2
    assert first.links["next"]


def test_scores_need_media_type_scope_and_line_item(call: Any, item: LineItem) -> None:
    path = f"/lti/courses/coop-101/line-items/{item.id}/scores"
    assert call("POST", path, body=body()).status_code == 415
    kind = lti.TYPE_SCORE
    reading = [lti.SCOPE_RESULT]
    assert call("POST", path, body=body(), media_type=kind, scopes=reading).status_code == 403
    gone = "/lti/courses/coop-101/line-items/none/scores"
    assert call("POST", gone, body=body(), media_type=kind).status_code == 404


def test_moodle_scores_path_is_before_the_query(lms: Running, call: Any, item: LineItem) -> None:
    lms.state.flavour = "moodle"
    url = f"{lms.url}/lti/courses/coop-101/line-items/{item.id}/scores?type_id=1"
    assert call("POST", url, body=body(), media_type=lti.TYPE_SCORE).status_code == 200
    limited = url.replace("/scores?", "/results?limit=1&")
    assert call("GET", limited, accept=lti.TYPE_RESULTS).status_code == 404
