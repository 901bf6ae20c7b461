"""The line-item service."""

from typing import Any

import pytest

from demo_lms import vocabulary as lti
from demo_lms.running import Running

ITEMS = "/lti/courses/coop-101/line-items"
GOOD = {"label": "Participación", "scoreMaximum": 20, "resourceId": "module-4", "tag": "posts"}


def make(call: Any, **changes: Any) -> Any:
    return call("POST", ITEMS, body={**GOOD, **changes}, media_type=lti.TYPE_LINE_ITEM)


def test_create_read_update_and_delete_a_line_item(call: Any) -> None:
    response = make(call)
    assert response.status_code == 201
    assert response.headers["Content-Type"] == lti.TYPE_LINE_ITEM
    item = response.json()
    assert item == {**GOOD, "id": item["id"]}
    assert call("GET", item["id"], accept=lti.TYPE_LINE_ITEM).json() == item
    changed = call(
        "PUT", item["id"], body={**item, "label": "Taller", "tag": None} | {"tag": "t"},
        media_type=lti.TYPE_LINE_ITEM,
    )  # fmt: skip
    assert changed.json() == {**item, "label": "Taller", "tag": "t"}
    assert call("DELETE", item["id"]).status_code == 204
    assert call("GET", item["id"], accept=lti.TYPE_LINE_ITEM).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None}, {"label": " "}, {"label": 7}, {"scoreMaximum": None},
        {"scoreMaximum": 0}, {"scoreMaximum": -1}, {"scoreMaximum": "10"}, {"scoreMaximum": True},
        {"tag": 5}, {"resourceId": ["a"]},
    ],
    ids=str,
)  # fmt: skip
def test_invalid_line_items(call: Any, changes: dict[str, Any]) -> None:
    assert make(call, **changes).status_code == 400


def test_a_line_item_for_a_resource_link_of_the_course(lms: Running, call: Any) -> None:
    here, there = (lms.state.resource_links_of(c)[0].id for c in ("coop-101", "sse-201"))
    assert make(call, resourceLinkId=here).json()["resourceLinkId"] == here
    assert make(call, resourceLinkId=there).status_code == 404


def test_filters(lms: Running, call: Any) -> None:
    resource_link = lms.state.resource_links_of("coop-101")[0].id
    a = make(call, resourceLinkId=resource_link).json()["id"]
    b = make(call, resourceId="other").json()["id"]
    c = make(call, tag="final").json()["id"]

    def ids(query: str) -> list[str]:
        response = call("GET", ITEMS + query, accept=lti.TYPE_LINE_ITEMS)
        assert response.headers["Content-Type"] == lti.TYPE_LINE_ITEMS
        return [item["id"] for item in response.json()]

    assert ids("") == [a, b, c]
    assert ids(f"?resource_link_id={resource_link}") == [a]
    assert ids("?resource_id=other") == [b]
    assert ids("?tag=final") == [c]
    assert ids("?resource_id=module-4&tag=posts") == [a]
    assert ids("?tag=none") == []


def test_pages(call: Any) -> None:
    made = [make(call, label=f"Nº {n}").json()["id"] for n in range(5)]
    found: list[str] = []
    url: str | None = ITEMS + "?limit=2"
    while url:
        response = call("GET", url, accept=lti.TYPE_LINE_ITEMS)
        found += [item["id"] for item in response.json()]
        url = response.links.get("next", {}).get("url")
    assert found == made


def test_media_types_are_required(call: Any) -> None:
    item = make(call).json()["id"]
    assert call("POST", ITEMS, body=GOOD).status_code == 415
    assert call("GET", ITEMS, accept="*/*").status_code == 406
    assert call("GET", item, accept=lti.TYPE_LINE_ITEMS).status_code == 406


def test_the_read_scope_does_not_permit_writing(call: Any) -> None:
    item = make(call).json()
    read, write = [lti.SCOPE_LINE_ITEM_READ], [lti.SCOPE_LINE_ITEM]
    assert call("GET", ITEMS, accept=lti.TYPE_LINE_ITEMS, scopes=read).status_code == 200
    assert call("GET", ITEMS, accept=lti.TYPE_LINE_ITEMS, scopes=write).status_code == 200
    made = call("POST", ITEMS, body=GOOD, media_type=lti.TYPE_LINE_ITEM, scopes=read)
    assert made.status_code == 403
    assert call("DELETE", item["id"], scopes=read).status_code == 403


def test_line_items_of_another_tool_are_hidden(lms: Running, tool: Any, call: Any) -> None:
    mine = make(call).json()["id"]
    other = lms.state.add_tool(
        login_url=tool.url, redirect_uris=[], jwks_uri=tool.url, target_link_uri=tool.url
    )
    foreign = lms.state.new_line_item("coop-101", other.client_id, "Foreign", 1)
    listed = call("GET", ITEMS, accept=lti.TYPE_LINE_ITEMS).json()
    assert [item["id"] for item in listed] == [mine]
    assert call("GET", f"{ITEMS}/{foreign.id}", accept=lti.TYPE_LINE_ITEM).status_code == 404


def test_moodle_urls_have_a_query_and_links_curly_quotes(lms: Running, call: Any) -> None:
    lms.state.flavour = "moodle"
    first = make(call).json()["id"]
    make(call)
    assert first.endswith("?type_id=1")
    response = call("GET", ITEMS + "?limit=1", accept=lti.TYPE_LINE_ITEMS)
    assert "rel=“next”" in response.headers["Link"].encode("latin-1").decode()
    only = [lti.SCOPE_LINE_ITEM]
    assert call("GET", ITEMS, accept=lti.TYPE_LINE_ITEMS, scopes=only).status_code == 403
