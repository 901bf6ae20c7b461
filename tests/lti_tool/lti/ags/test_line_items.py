"""Columns of the gradebook, at a server that answers as Moodle does. AGS 2.0 §3.2."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.ags.line_items import (
    LINE_ITEM,
    LineItem,
    create_line_item,
    delete_line_item,
    list_line_items,
    read_line_item,
    update_line_item,
)
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.tokens import RENEW_AGAIN_AFTER
from lti_tool.platforms.canvas import CANVAS
from tests.lti_tool.lti.local_server import Asked, Reply
from tests.lti_tool.lti.moodle import GRADE_SCOPE_SET, Moodle


def test_the_columns_of_a_course(moodle: Moodle) -> None:
    found = list_line_items(moodle.services, moodle.grades)
    assert found.complete
    assert len(found.items) == 10
    first = found.items[0]
    assert (first.score_maximum, first.resource_id, first.tag) == (20, "story-42", "grade")
    assert found.items[1].resource_id is None
    assert moodle.last.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    assert set(moodle.token_requests[0].form()["scope"].split()) == GRADE_SCOPE_SET


def test_the_query_of_the_address_is_kept(moodle: Moodle) -> None:
    list_line_items(moodle.services, moodle.grades, resource_id="a&b", tag="t", limit=5)
    assert moodle.last.query == {
        "type_id": "1",
        "resource_id": "a&b",
        "tag": "t",
        "limit": "5",
    }


def paged(moodle: Moodle, pages: int, *, link: str | None = None) -> None:
    def response(asked: Asked) -> Reply:
        number = int(asked.query.get("from", "0"))
        item = {"id": f"{moodle.server.url}/{number}", "scoreMaximum": 1, "label": str(number)}
        following = link or (
            f"<{moodle.server.url}{asked.path}?type_id=1&amp;from={number + 1}>; rel=“next”"
        )
        headers = {"Link": following.encode().decode("latin-1")} if number + 1 < pages else {}
        return Reply([item], 200, headers)

    moodle.server.routes[f"GET {moodle.line_items_route()}"] = response


def test_all_pages_are_read(moodle: Moodle) -> None:
    paged(moodle, 5)
    found = list_line_items(moodle.services, moodle.grades)
    assert [item.label for item in found.items] == ["0", "1", "2", "3", "4"]
    assert found.complete


def test_a_list_without_end_is_cut_and_reported(moodle: Moodle) -> None:
    paged(moodle, 10**9)
    found = list_line_items(moodle.services, moodle.grades)
    assert len(found.items) == 100
    assert not found.complete


@pytest.mark.parametrize("link", ["https://evil.example/", "http://127.0.0.1:1/"])
def test_the_token_is_not_sent_to_another_origin(moodle: Moodle, link: str) -> None:
    paged(moodle, 10**9, link=f'<{link}>; rel="next"')
    assert not list_line_items(moodle.services, moodle.grades).complete


def test_a_page_that_leads_to_itself(moodle: Moodle) -> None:
    paged(moodle, 10**9, link=f'<{moodle.grades.line_items}>; rel="next"')
    assert len(list_line_items(moodle.services, moodle.grades).items) == 2


def test_entries_that_are_none_are_left_out(moodle: Moodle) -> None:
    route = f"GET {moodle.line_items_route()}"
    good = {"id": "https://x.edu/1", "scoreMaximum": 10, "label": None, "startDateTime": 7}
    moodle.server.always(route, Reply([None, 7, {}, {"id": 7, "scoreMaximum": 1}, good]))
    (item,) = list_line_items(moodle.services, moodle.grades).items
    assert (item.label, item.starts_at) == ("", None)


def test_create(moodle: Moodle) -> None:
    made = create_line_item(
        moodle.services,
        moodle.grades,
        LineItem(
            label="Coluna extra ção",
            score_maximum=50,
            resource_id="r-extra",
            tag="extra",
            ends_at=datetime(2030, 1, 1, tzinfo=UTC),
        ),
    )
    assert made.id is not None
    assert made.id.endswith("/13/lineitem?type_id=1")
    assert made.ends_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert moodle.last.headers["Content-Type"] == LINE_ITEM
    assert moodle.last.json() == {
        "label": "Coluna extra ção",
        "scoreMaximum": 50,
        "resourceId": "r-extra",
        "tag": "extra",
        "endDateTime": "2030-01-01T00:00:00.000Z",
    }


def test_read_and_update(moodle: Moodle) -> None:
    body = {"id": moodle.line_item, "label": "Nota", "scoreMaximum": 20}
    path = urlsplit(moodle.line_item).path
    moodle.server.always(f"GET {path}", Reply(body))
    moodle.server.always(f"PUT {path}", Reply({**body, "label": "Another"}))
    item = read_line_item(moodle.services, moodle.grades, moodle.line_item)
    assert moodle.last.headers["Accept"] == LINE_ITEM
    changed = update_line_item(moodle.services, moodle.grades, replace(item, label="Another"))
    assert changed.label == "Another"
    assert moodle.last.json()["label"] == "Another"
    moodle.server.always(f"PUT {path}", Reply(b""))
    assert update_line_item(moodle.services, moodle.grades, item) == item


@pytest.mark.parametrize(("status", "existed"), [(204, True), (200, True), (404, False)])
def test_delete(moodle: Moodle, status: int, existed: bool) -> None:
    moodle.server.always(f"DELETE {urlsplit(moodle.line_item).path}", Reply(b"", status))
    assert delete_line_item(moodle.services, moodle.grades, moodle.line_item) is existed


def test_a_course_without_columns(moodle: Moodle) -> None:
    with pytest.raises(ServiceError) as caught:
        list_line_items(moodle.services, replace(moodle.grades, line_items=None))
    assert not caught.value.is_retriable


# What every service does


def test_a_token_that_is_not_taken_is_renewed_once(moodle: Moodle) -> None:
    list_line_items(moodle.services, moodle.grades)
    moodle.taken_tokens = {"token-2"}
    assert list_line_items(moodle.services, moodle.grades).items
    assert len(moodle.token_requests) == 2
    moodle.taken_tokens = set()
    moodle.clock.now += RENEW_AGAIN_AFTER
    for _ in range(3):
        with pytest.raises(ServiceError) as caught:
            list_line_items(moodle.services, moodle.grades)
        assert caught.value.status == 401
    assert len(moodle.token_requests) == 3, "a service that takes no token renews it once a minute"


def test_a_scope_that_was_not_granted(moodle: Moodle) -> None:
    moodle.granted = claim_names.SCORE_SCOPE
    with pytest.raises(ServiceError) as caught:
        list_line_items(moodle.services, moodle.grades)
    assert caught.value.kind is FetchErrorKind.SCOPE_NOT_GRANTED
    assert not caught.value.is_retriable


@pytest.mark.parametrize(
    ("reply", "later", "pause"),
    [
        (Reply(b"secret", 500), True, None),
        (Reply(b"secret", 503, {"Retry-After": "120"}), True, 120),
        (Reply(b"secret", 429), True, None),
        (Reply(b"secret", 403), False, None),
        (Reply(b"secret", 403, {"X-Rate-Limit-Remaining": "0.0"}), True, 60),
        (Reply(b"secret", 400), False, None),
        (Reply(b"secret", 302, {"Location": "https://evil.example/"}), False, None),
    ],
)
def test_a_refusal(moodle: Moodle, reply: Reply, later: bool, pause: int | None) -> None:
    moodle.services.registration = replace(moodle.services.registration, profile=CANVAS)
    moodle.server.always(f"GET {moodle.line_items_route()}", reply)
    with pytest.raises(ServiceError) as caught:
        list_line_items(moodle.services, moodle.grades)
    assert caught.value.status == reply.status
    assert (caught.value.is_retriable, caught.value.retry_after) == (later, pause)
    assert "secret" not in str(caught.value)
