"""The pages for users."""

import datetime
import re

import pytest
import requests

from demo_lms.model import Score
from demo_lms.running import Running
from tests.support.driver import Driver, forms
from tests.support.fake_tool import FakeTool

BANNER = "This LMS has no passwords and listens on this machine only."


def page(lms: Running, path: str, status: int = 200) -> requests.Response:
    response = requests.get(lms.url + path, timeout=10)
    response.encoding = "utf-8"
    assert response.status_code == status, path
    return response


def test_every_page_has_the_banner(
    lms: Running, tool: FakeTool, driver: Driver, client_id: str
) -> None:
    resource_link = lms.state.resource_links_of("sse-201")[0]
    item = resource_link.line_item_id
    asked = driver.request("GET", driver.login("maria").url)
    adding = requests.post(lms.url + "/tools", data={"url": tool.url}, timeout=10)
    paths = [
        *("/", "/messages", "/tools", "/courses/coop-101", "/courses/coop-101/gradebook"),
        *("/courses/coop-101/roster", "/courses/coop-101/return?lti_msg=hi"),
        f"/courses/sse-201/activities/{resource_link.id}",
        f"/courses/sse-201/activities/{resource_link.id}?target=window",
        f"/courses/sse-201/add?tool={client_id}",
        f"/courses/sse-201/review/{item}/p-7302",
        f"/lti/storage?client_id={client_id}",
    ]
    shown = [page(lms, path) for path in paths] + [page(lms, "/nothing", 404), asked, adding]
    for response in shown:
        assert BANNER in response.text, response.url
        assert re.search(r"<title>.+ · Patio</title>", response.text), response.url
        assert "<script>" not in response.text
        assert "script-src" not in response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_the_start_page(lms: Running, tool: FakeTool) -> None:
    text = page(lms, "/").text
    for course in lms.state.courses.values():
        assert course.title in text
    for user in lms.state.users.values():
        assert user.name in text
    for name in ("Español", "English", "Français", "Português", "العربية"):
        assert name in text


def test_redirects_of_the_start_page(lms: Running, tool: FakeTool) -> None:
    form = forms(page(lms, "/"))[0]
    form.fields |= {"course": "sse-201", "as": "amina", "in": "ar"}
    resource_link = lms.state.resource_links_of("sse-201")[0]
    launched = requests.get(form.action, form.fields | {"go": "activity"}, timeout=10)
    assert launched.url == (
        f"{lms.url}/courses/sse-201/activities/{resource_link.id}?as=amina&in=ar"
    )
    opened = requests.get(form.action, form.fields | {"go": "course"}, timeout=10)
    assert opened.url == f"{lms.url}/courses/sse-201?as=amina&in=ar"


def test_the_activity_page_starts_a_login_in_a_frame(lms: Running, tool: FakeTool) -> None:
    resource_link = lms.state.resource_links_of("coop-101")[0]
    response = page(lms, f"/courses/coop-101/activities/{resource_link.id}?as=amina&in=pt")
    form = next(form for form in forms(response) if form.method == "post")
    assert form.action == tool.url + "/lti/login"
    assert form.fields["login_hint"] == "amina"
    assert form.fields["iss"] == lms.url
    assert '<iframe class="tool" name="tool"' in response.text
    assert "<noscript>" in response.text
    assert lms.state.pending[form.fields["lti_message_hint"]].language == "pt"


def test_only_instructors_add_activities(lms: Running, tool: FakeTool, client_id: str) -> None:
    assert "Add an activity" in page(lms, "/courses/coop-101?as=maria").text
    assert "Add an activity" not in page(lms, "/courses/coop-101?as=joao").text
    page(lms, f"/courses/coop-101/add?as=joao&tool={client_id}", 403)
    item = lms.state.resource_links_of("sse-201")[0].line_item_id
    page(lms, f"/courses/sse-201/review/{item}/p-7302?as=joao", 403)


def test_the_gradebook_shows_scaled_scores(lms: Running, tool: FakeTool) -> None:
    assert "No activity has scores yet" in page(lms, "/courses/coop-101/gradebook").text
    item = next(iter(lms.state.line_items.values()))
    now = datetime.datetime.now(datetime.UTC)
    item.scores["p-7302"] = Score("p-7302", 1, 4, "Completed", "FullyGraded", now, "Bem & bom")
    item.scores["p-7303"] = Score("p-7303", None, None, "InProgress", "Pending", now)
    text = page(lms, "/courses/sse-201/gradebook").text
    assert "<strong>2.5</strong>" in text
    assert "Bem &amp; bom" in text
    assert "InProgress, Pending" in text


def test_an_instructor_grades_by_hand_and_deletes_a_column(lms: Running, tool: FakeTool) -> None:
    item = next(iter(lms.state.line_items.values()))
    url = f"{lms.url}/courses/{item.course_id}/gradebook"
    form = {"item": item.id, "subject": "p-7302", "points": "7,5"}

    def send(user: str, **fields: str) -> int:
        answer = requests.post(
            url, params={"as": user}, data={**form, **fields}, allow_redirects=False, timeout=5
        )
        return answer.status_code

    assert send("joao") == 403
    assert send("maria", points="many") == 400
    assert send("maria") == 303
    assert item.scores["p-7302"].given == 7.5
    assert send("maria", points="") == 303
    assert "p-7302" not in item.scores
    assert send("maria", delete="1") == 303
    assert item.id not in lms.state.line_items
    assert send("maria") == 404


def test_the_messages_of_a_launch(lms: Running, driver: Driver) -> None:
    assert "Nothing yet" in page(lms, "/messages").text
    driver.launch("joao")
    text = page(lms, "/messages").text
    assert text.index("LtiResourceLinkRequest for João Araújo") < text.index("asks who came")
    assert "LTI Core 1.3 §5.1.1" not in text  # the driver starts without the page
    assert "Step 3" in text


def test_a_message_from_the_tool_is_escaped(lms: Running) -> None:
    text = page(lms, "/courses/coop-101/return?lti_msg=<b>Listo</b>&lti_errormsg=Ups").text
    assert "&lt;b&gt;Listo" in text
    assert "Ups" in text


@pytest.mark.parametrize(
    "path",
    [
        "/courses/none", "/courses/coop-101/activities/none", "/courses/coop-101/add?tool=none",
        "/courses/coop-101/review/none/p-1", "/courses/none/roster", "/courses/none/gradebook",
        "/lti/storage?client_id=none",
    ],
)  # fmt: skip
def test_unknown_pages(lms: Running, path: str) -> None:
    assert "Something is not right" in page(lms, path, 404).text


def test_unknown_user_and_language(lms: Running) -> None:
    assert 'value="maria" selected' in page(lms, "/courses/coop-101?as=nobody&in=xx").text


def test_only_loopback_hosts_are_accepted(lms: Running) -> None:
    response = requests.get(lms.url, headers={"Host": "evil.example"}, timeout=10)
    assert response.status_code == 403
