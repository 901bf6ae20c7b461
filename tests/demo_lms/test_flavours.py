"""The LMS as other LMSs: chosen on its start page, and what each of them does in its own way."""

import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from demo_lms import sites
from demo_lms import vocabulary as lti
from demo_lms.flavours import DESCRIPTIONS, PRODUCTS
from demo_lms.loopback import is_loopback
from demo_lms.model import Flavour, Score
from demo_lms.register_tool import registration_url
from demo_lms.running import Running
from tests.support.driver import Driver, claims_in, forms
from tests.support.fake_tool import FakeTool


def get(lms: Running, path: str, host: str = "") -> requests.Response:
    headers = {"Host": host} if host else {}
    return requests.get(lms.url + path, headers=headers, allow_redirects=False, timeout=10)


def choose(lms: Running, flavour: str) -> requests.Response:
    """Press the button of the start page."""
    data = {"flavour": flavour}
    return requests.post(lms.url + "/flavour", data=data, allow_redirects=False, timeout=10)


def host_of(lms: Running, name: str) -> str:
    return urlsplit(sites.url_of(lms.url, name)).netloc


def launch_at(lms: Running, driver: Driver, path: str, host: str) -> dict[str, Any]:
    """Launch from a page that is read at another host; return the claims."""
    page = get(lms, path, host)
    [form] = [each for each in forms(page) if "login_hint" in each.fields]
    answer = requests.post(
        driver.tool_url + "/lti/login", data=form.fields, allow_redirects=False, timeout=10
    )
    [response] = forms(driver.request("GET", answer.headers["Location"]))
    return claims_in(response.fields["id_token"])


# The choice


@pytest.mark.parametrize("flavour", DESCRIPTIONS)
def test_a_flavour_is_chosen_on_the_start_page(lms: Running, flavour: Flavour) -> None:
    page = get(lms, "/").text
    assert DESCRIPTIONS[flavour].title in page
    assert DESCRIPTIONS[flavour].text in page
    assert choose(lms, flavour).headers["Location"] == "/"
    assert f'value="{flavour}" checked' in get(lms, "/").text
    body = requests.get(lms.url + "/.well-known/openid-configuration", timeout=10).json()
    assert body[lti.PLATFORM_CONFIGURATION]["product_family_code"] == PRODUCTS[flavour]


@pytest.mark.parametrize("flavour", ["", "chamilo", "Moodle", "plain "])
def test_no_other_flavour_is_taken(lms: Running, flavour: str) -> None:
    assert choose(lms, flavour).status_code == 400
    assert lms.state.flavour == "plain"


def test_a_form_of_another_site_changes_no_flavour(lms: Running) -> None:
    foreign = {"Origin": "https://evil.example"}
    answer = requests.post(lms.url + "/flavour", {"flavour": "canvas"}, headers=foreign, timeout=10)
    assert answer.status_code == 403
    assert lms.state.flavour == "plain"


@pytest.mark.parametrize("flavour", [each for each in DESCRIPTIONS if each != "plain"])
def test_launches_name_the_product(
    lms: Running, tool: FakeTool, driver: Driver, flavour: Flavour
) -> None:
    lms.state.choose_flavour(flavour)
    for user in ("joao", "maria", "akua"):
        driver.launch(user, "sse-201")
    for claims in tool.launches:
        assert claims[lti.LTI + "tool_platform"]["product_family_code"] == PRODUCTS[flavour]
        assert claims[lti.LTI + "message_type"] == lti.RESOURCE_LINK


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True), ("norte.localhost", True), ("a.b.localhost", True),
        ("127.0.0.1", True), ("[::1]", True), ("localhost.example.org", False),
        ("notlocalhost", False), ("127.0.0.1.example.org", False), ("", False),
    ],
)  # fmt: skip
def test_names_of_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


# Canvas


@pytest.mark.parametrize(
    ("name", "deployment"), [("norte", ""), ("sur", "-sur"), ("", ""), ("oeste", "")]
)
def test_schools_share_an_issuer(
    lms: Running, tool: FakeTool, driver: Driver, client_id: str, name: str, deployment: str
) -> None:
    lms.state.choose_flavour("canvas")
    link = lms.state.resource_links_of("coop-101")[0]
    host = host_of(lms, name) if name else urlsplit(lms.url).netloc
    path = f"/courses/coop-101/activities/{link.id}?as=joao"
    claims = launch_at(lms, driver, path, host)
    own = lms.state.tools[client_id].deployment_id
    assert claims["iss"] == lms.url
    assert claims[lti.LTI + "deployment_id"] == own + deployment
    site = f"http://{host}" if name in sites.SCHOOLS else lms.url
    returned = claims[lti.LTI + "launch_presentation"]["return_url"]
    assert returned == f"{site}/courses/coop-101/return"


def test_the_start_page_leads_to_the_school(lms: Running, tool: FakeTool) -> None:
    lms.state.choose_flavour("canvas")
    page = get(lms, "/").text
    assert all(title in page for title in sites.SCHOOLS.values())
    started = get(lms, "/start?course=coop-101&as=joao&go=activity&school=sur")
    assert started.headers["Location"].startswith(f"http://{host_of(lms, 'sur')}/courses/coop-101/")
    other = get(lms, "/start?course=coop-101&as=joao&go=activity&school=nowhere")
    assert other.headers["Location"].startswith("/courses/coop-101/")


def test_a_school_s_forms_are_its_own(lms: Running, tool: FakeTool) -> None:
    lms.state.choose_flavour("canvas")
    host = host_of(lms, "sur")
    headers = {"Host": host, "Origin": f"http://{host}"}
    url = f"{lms.url}/courses/coop-101/copy?as=maria"
    answer = requests.post(url, headers=headers, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    foreign = {**headers, "Origin": f"http://{host_of(lms, 'norte')}"}
    assert requests.post(url, headers=foreign, timeout=10).status_code == 403


def retrieve(lms: Running, url: str, host: str = "", **query: str) -> requests.Response:
    """Open the page to which the message ``requestFullWindowLaunch`` leads."""
    given = urlencode({"as": "joao", "display": "borderless", "url": url, **query})
    return get(lms, f"/courses/sse-201/external_tools/retrieve?{given}", host)


@pytest.mark.parametrize("school", ["", "sur"])
def test_a_launch_in_the_full_window_names_no_activity(
    lms: Running, tool: FakeTool, driver: Driver, client_id: str, school: str
) -> None:
    lms.state.choose_flavour("canvas")
    host = host_of(lms, school) if school else ""
    url = f"{tool.url}/somewhere?activity=a.b&full_win_launch_requested=1"
    given = urlencode({"as": "joao", "url": url, "placement": "link_selection"})
    path = f"/courses/sse-201/external_tools/retrieve?{given}"
    claims = launch_at(lms, driver, path, host or urlsplit(lms.url).netloc)
    ordinary = launch_at(
        lms,
        driver,
        f"/courses/sse-201/activities/{lms.state.resource_links_of('sse-201')[0].id}?as=joao",
        host or urlsplit(lms.url).netloc,
    )
    for name in ("sub", "iss", "aud", lti.LTI + "deployment_id", lti.LTI + "context"):
        assert claims[name] == ordinary[name]
    assert claims[lti.LTI + "message_type"] == lti.RESOURCE_LINK
    assert claims[lti.LTI + "target_link_uri"] == url
    assert claims[lti.LTI + "resource_link"]["id"] == claims[lti.LTI + "context"]["id"]
    assert "lineitem" in ordinary[lti.AGS_ENDPOINT]
    assert "lineitem" not in claims[lti.AGS_ENDPOINT]
    assert ordinary[lti.LTI + "custom"]["module"] == "module-4"
    assert "module" not in claims[lti.LTI + "custom"]
    assert claims["https://www.instructure.com/placement"] == "link_selection"
    assert claims[lti.LTI + "launch_presentation"]["document_target"] == "window"


def test_only_urls_of_the_tool_open_in_the_full_window(
    lms: Running, tool: FakeTool, client_id: str
) -> None:
    url = f"{tool.url}/somewhere"
    assert retrieve(lms, url).status_code == 404, "not in other flavours"
    lms.state.choose_flavour("canvas")
    assert retrieve(lms, url).status_code == 200
    assert retrieve(lms, url, client_id=client_id).status_code == 200
    for other in ("https://elsewhere.example/", "", "javascript:alert(1)", f"{tool.url}0/"):
        assert retrieve(lms, other).status_code == 404
        assert retrieve(lms, other, client_id=client_id).status_code == 404


@pytest.mark.parametrize("flavour", DESCRIPTIONS)
def test_only_pages_of_canvas_know_the_full_window(
    lms: Running, tool: FakeTool, flavour: Flavour
) -> None:
    lms.state.choose_flavour(flavour)
    link = lms.state.resource_links_of("coop-101")[0]
    page = get(lms, f"/courses/coop-101/activities/{link.id}?block=1").text
    assert ("data-full-window=" in page) is (flavour == "canvas")


@pytest.mark.parametrize(
    ("flavour", "user", "acting", "actor"),
    [
        ("canvas", "joao", "1", "p-7300"),
        ("canvas", "maria", "1", "p-7300"),
        ("canvas", "joao", "", "$Canvas.masqueradingUser.id"),
        ("canvas", "akua", "1", "$Canvas.masqueradingUser.id"),  # as oneself
        ("plain", "joao", "1", "$Canvas.masqueradingUser.id"),
    ],
)
def test_an_administrator_acts_as_somebody_else(
    lms: Running,
    tool: FakeTool,
    driver: Driver,
    client_id: str,
    flavour: Flavour,
    user: str,
    acting: str,
    actor: str,
) -> None:
    lms.state.choose_flavour(flavour)
    lms.state.tools[client_id].custom = {"actor": "$Canvas.masqueradingUser.id"}
    link = lms.state.resource_links_of("coop-101")[0]
    path = f"/courses/coop-101/activities/{link.id}?as={user}&acting={acting}"
    claims = launch_at(lms, driver, path, "")
    assert claims["sub"] == lms.state.users[user].subject
    assert claims[lti.LTI + "custom"]["actor"] == actor


def test_student_view_has_a_test_student_whom_a_reset_replaces(
    lms: Running, tool: FakeTool, driver: Driver, call: Any
) -> None:
    assert "preview" not in lms.state.users
    choose(lms, "canvas")
    for _ in range(3):
        driver.launch("preview")
        requests.post(lms.url + "/flavour", data={"reset": "1"}, timeout=10)
    subjects = {claims["sub"] for claims in tool.launches}
    assert len(subjects) == 3
    assert all(lti.TEST_USER in claims[lti.LTI + "roles"] for claims in tool.launches)
    members = call("GET", "/lti/courses/coop-101/members", accept=lti.TYPE_ROSTER).json()
    assert subjects.isdisjoint(member["user_id"] for member in members["members"])
    choose(lms, "moodle")
    assert "preview" not in lms.state.users


def test_a_review_in_canvas_names_the_course(lms: Running, tool: FakeTool, driver: Driver) -> None:
    lms.state.choose_flavour("canvas")
    link = lms.state.resource_links_of("sse-201")[0]
    step = driver.login("maria", link, message_type=lti.SUBMISSION_REVIEW, for_user="p-7302")
    claims = claims_in(driver.authorize(step).fields["id_token"])
    assert claims[lti.LTI + "resource_link"]["id"] == "sse-201"
    assert claims[lti.AGS_ENDPOINT]["lineitem"].endswith(f"/{link.line_item_id}")
    driver.launch("maria", link)
    assert tool.launches[0][lti.LTI + "resource_link"]["id"] == link.id


# Brightspace


def test_brightspace_registers_without_a_token(lms: Running, tool: FakeTool) -> None:
    lms.state.choose_flavour("brightspace")
    assert "registration_token" not in registration_url(lms.state, "http://tool.example/register")
    url = lms.url + "/lti/registrations"
    assert requests.post(url, json=tool.registration_request(), timeout=10).status_code == 201
    lms.state.choose_flavour("plain")
    assert requests.post(url, json=tool.registration_request(), timeout=10).status_code == 401


def test_access_tokens_of_brightspace_have_the_vendor_s_audience(
    lms: Running, tool: FakeTool, client_id: str
) -> None:
    known = lms.state.tools[client_id]
    tool.token(lms, client_id)
    known.registered_as = "brightspace"
    for audience, status in (
        (f"{lms.url}/lti/token", 401),
        ("https://api.brightspace.com/auth/token", 200),
    ):
        assertion = tool.assertion(lms, client_id, aud=audience)
        assert tool.request_token(lms, client_id, assertion=assertion).status_code == status


def test_launches_of_brightspace_name_no_column_and_tell_the_history(
    lms: Running, tool: FakeTool, driver: Driver
) -> None:
    lms.state.choose_flavour("brightspace")
    link = lms.state.resource_links_of("sse-201")[0]
    copied = lms.state.copy_course("sse-201")
    [copy] = lms.state.resource_links_of(copied.id)
    driver.launch("joao", copy)
    claims = tool.launches[0]
    assert "lineitem" not in claims[lti.AGS_ENDPOINT]
    assert claims[lti.AGS_ENDPOINT]["lineitems"]
    own = claims["http://www.brightspace.com"]
    assert own["ResourceLink.id.history"] == link.id
    assert own["Context.id.history"] == "sse-201"


@pytest.mark.parametrize(
    ("flavour", "given", "result"),
    [("brightspace", 12, 10), ("brightspace", 9, 9), ("plain", 12, 12)],
)
def test_points_above_the_maximum(
    lms: Running, call: Any, client_id: str, flavour: Flavour, given: float, result: float
) -> None:
    lms.state.choose_flavour(flavour)
    item = lms.state.new_line_item("coop-101", client_id, "A", 10)
    assert post_score(call, item.id, given, 10).status_code == 200
    assert [each["resultScore"] for each in results(call, item.id)] == [result]


def post_score(call: Any, item: str, given: float, maximum: float) -> requests.Response:
    body = {
        "userId": "p-7302",
        "scoreGiven": given,
        "scoreMaximum": maximum,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": datetime.datetime.now(datetime.UTC).isoformat(),
        "comment": "Good",
    }
    url = f"/lti/courses/coop-101/line-items/{item}/scores"
    answer: requests.Response = call("POST", url, body=body, media_type=lti.TYPE_SCORE)
    return answer


def results(call: Any, item: str, user: str = "") -> list[dict[str, Any]]:
    url = f"/lti/courses/coop-101/line-items/{item}/results" + (f"?user_id={user}" if user else "")
    found: list[dict[str, Any]] = call("GET", url, accept=lti.TYPE_RESULTS).json()
    return found


# Blackboard


@pytest.mark.parametrize("target", ["_parent", "storage"])
def test_blackboard_does_not_say_that_it_has_storage(
    lms: Running, tool: FakeTool, driver: Driver, target: str
) -> None:
    lms.state.faults.storage_target = target
    lms.state.choose_flavour("blackboard")
    driver.launch("joao")
    assert "lti_storage_target" not in tool.logins[0]
    link = lms.state.resource_links_of("coop-101")[0]
    page = get(lms, f"/courses/coop-101/activities/{link.id}").text
    assert 'data-storage-target=""' in page
    assert 'data-storage="unsupported"' not in page


def test_who_sends_nothing_to_blackboard_gets_0(lms: Running, call: Any, client_id: str) -> None:
    lms.state.choose_flavour("blackboard")
    item = lms.state.new_line_item("coop-101", client_id, "A", 10)
    assert post_score(call, item.id, 5, 10).status_code == 200
    assert len(results(call, item.id)) == 1
    now = datetime.datetime.now(datetime.UTC)
    item.end = (now + datetime.timedelta(hours=1)).isoformat()
    assert len(results(call, item.id)) == 1
    item.end = (now - datetime.timedelta(hours=1)).isoformat()
    found = {each["userId"]: each["resultScore"] for each in results(call, item.id)}
    assert found == {"p-7302": 5, "p-7303": 0, "p-7304": 0}
    [one] = results(call, item.id, "p-7303")
    assert one["resultScore"] == 0
    # A submission without points is none that is missing.
    item.scores["p-7303"] = Score("p-7303", None, None, "Submitted", "PendingManual", now)
    assert results(call, item.id, "p-7303") == []


def test_results_of_one_person_have_no_comment_in_blackboard(
    lms: Running, call: Any, client_id: str
) -> None:
    item = lms.state.new_line_item("coop-101", client_id, "A", 10)
    post_score(call, item.id, 5, 10)
    assert results(call, item.id, "p-7302")[0]["comment"] == "Good"
    lms.state.choose_flavour("blackboard")
    assert results(call, item.id)[0]["comment"] == "Good"
    assert "comment" not in results(call, item.id, "p-7302")[0]


def test_the_message_of_a_member_is_an_object_in_blackboard(lms: Running, call: Any) -> None:
    link = lms.state.resource_links_of("coop-101")[0]
    url = f"/lti/courses/coop-101/members?rlid={link.id}"
    for flavour, kind in (("plain", list), ("blackboard", dict)):
        lms.state.choose_flavour(flavour)  # type: ignore[arg-type]
        members = call("GET", url, accept=lti.TYPE_ROSTER).json()["members"]
        assert {type(member["message"]) for member in members} == {kind}


# Open edX


def test_the_activity_of_open_edx_is_in_a_frame_inside_a_frame(
    lms: Running, tool: FakeTool, driver: Driver
) -> None:
    lms.state.choose_flavour("openedx")
    started = get(lms, "/start?course=coop-101&as=joao&in=pt&go=activity").headers["Location"]
    apps = host_of(lms, sites.LEARNING)
    assert started.startswith(f"http://{apps}/courses/coop-101/activities/")
    outer = get(lms, started.removeprefix(f"http://{apps}"), apps).text
    assert "login_hint" not in outer
    inner = outer.split('src="' + lms.url)[1].split('"')[0].replace("&amp;", "&")
    claims = launch_at(lms, driver, inner, "")
    assert claims["sub"] == "p-7302"
    assert "return_url" not in claims[lti.LTI + "launch_presentation"]
    link = lms.state.resource_links_of("coop-101")[0]
    window = get(lms, f"/courses/coop-101/activities/{link.id}?target=window").text
    assert "login_hint" in window


def test_a_copied_course_of_open_edx_keeps_the_ids_of_its_activities(
    lms: Running, tool: FakeTool, driver: Driver, call: Any
) -> None:
    lms.state.choose_flavour("openedx")
    lms.state.tools[next(iter(lms.state.tools))].custom = {"h": "$ResourceLink.id.history"}
    link = lms.state.resource_links_of("sse-201")[0]
    copied = lms.state.copy_course(lms.state.copy_course("sse-201").id)
    [copy] = lms.state.resource_links_of(copied.id)
    assert copy.id != link.id
    for each in (link, copy):
        driver.launch("joao", each)
    first, second = tool.launches
    assert first[lti.LTI + "resource_link"]["id"] == second[lti.LTI + "resource_link"]["id"]
    assert first[lti.LTI + "context"]["id"] != second[lti.LTI + "context"]["id"]
    assert second[lti.LTI + "custom"]["h"] == "$ResourceLink.id.history"
    for course, item in (("sse-201", link.line_item_id), (copied.id, copy.line_item_id)):
        url = f"/lti/courses/{course}/line-items?resource_link_id={link.id}"
        found = call("GET", url, accept=lti.TYPE_LINE_ITEMS).json()
        assert [each["id"].rpartition("/")[2] for each in found] == [item]
        assert found[0]["resourceLinkId"] == link.id
        new = {"label": "B", "scoreMaximum": 5, "resourceLinkId": link.id}
        made = call(
            "POST", f"/lti/courses/{course}/line-items", body=new,
            media_type=lti.TYPE_LINE_ITEM, accept=lti.TYPE_LINE_ITEM,
        )  # fmt: skip
        assert made.status_code == 201
        assert made.json()["resourceLinkId"] == link.id
        members = f"/lti/courses/{course}/members?rlid={link.id}"
        assert call("GET", members, accept=lti.TYPE_ROSTER).status_code == 200


@pytest.mark.parametrize(
    ("maximum", "given", "shown"), [(10, 5, [5]), (10, 0, []), (0, 5, []), (0, 0, [])]
)
def test_open_edx_takes_zeros_and_shows_none(
    lms: Running, call: Any, client_id: str, maximum: float, given: float, shown: list[float]
) -> None:
    new = {"label": "A", "scoreMaximum": maximum}
    url = "/lti/courses/coop-101/line-items"
    kind = lti.TYPE_LINE_ITEM
    if not maximum:
        assert call("POST", url, body=new, media_type=kind, accept=kind).status_code == 400
    lms.state.choose_flavour("openedx")
    made = call("POST", url, body=new, media_type=kind, accept=kind)
    assert made.status_code == 201
    assert made.json()["scoreMaximum"] == maximum
    item = made.json()["id"].rpartition("/")[2]
    assert post_score(call, item, given, 10).status_code == 201
    assert [each["resultScore"] for each in results(call, item)] == shown
