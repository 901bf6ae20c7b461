"""The participation pages and downloads over HTTP, in the complete application."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from lti_tool.app import create_app
from lti_tool.participation import totals
from lti_tool.participation.service import csv_cell
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted

MAX_STATEMENTS = 10


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield client
    app.extensions["minga"].database.close()


def get(client: FlaskClient, user: CurrentSession, path: str) -> Any:
    client.set_cookie("minga", user.token, path=user.path, secure=False)
    return client.get(user.path + path)


@pytest.fixture
def teacher(scene: Scene) -> CurrentSession:
    return scene.launch_session("Pilar", instructor=True)


@pytest.mark.both_engines
def test_the_page_shows_everybody(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    ana = scene.launch_session("Ana Quispe")
    scene.launch_session("Luis Paz")
    scene.post(ana, question_id="who-buys")
    page = html.fromstring(get(client, teacher, "participation").text)
    assert page.cssselect("link[href$='/instructors.css']")
    table = page.cssselect(".people table")[0]
    rows = [[cell.text_content().strip() for cell in row] for row in table.cssselect("tbody tr")]
    assert [row[0] for row in rows] == ["Ana Quispe", "Luis Paz"]
    assert [row[4] for row in rows] == ["1", "0"]
    assert "1 of 2" in page.cssselect("table.chart")[0].text_content()
    assert len(page.cssselect("svg.timeline rect")) == 1
    # Every drawing has a table with the same numbers, and no text of its own.
    assert page.cssselect("svg text") == []
    assert [
        svg for svg in page.cssselect("svg") if not (svg.get("aria-hidden") or svg.get("role"))
    ] == []


def test_the_page_of_a_large_course_says_when_it_was_counted(
    scene: Scene, client: FlaskClient, teacher: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "LIVE_UP_TO", 1)
    for name in ("Ana Quispe", "Luis Paz"):
        scene.launch_session(name)
    first = get(client, teacher, "participation")
    assert "The course has 2 participants." in first.text
    assert "is being counted" in first.text
    with scene.database.read() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == totals.COUNT)).one()
    totals.count(scene.database, json.loads(row.payload))
    later = get(client, teacher, "participation").text
    assert "Counted on" in later
    assert "0 of 2" in html.fromstring(later).cssselect("table.chart")[0].text_content()


@pytest.mark.both_engines
def test_the_list_is_filtered_and_paged(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    for number in range(51):
        scene.launch_session(f"Learner {number:02}")
    first = html.fromstring(get(client, teacher, "participation").text)
    assert len(first.cssselect(".people tbody tr")) == 50
    [later] = first.cssselect(".people .actions a")
    second = html.fromstring(client.get(later.get("href")).text)
    assert [each.text_content() for each in second.cssselect(".people tbody th")] == ["Learner 50"]
    [earlier] = second.cssselect(".people .actions a")
    again = html.fromstring(client.get(earlier.get("href")).text)
    assert len(again.cssselect(".people tbody tr")) == 50
    assert "Nobody is in this list." in get(client, teacher, "participation?show=wrote").text
    for odd in ("show=x&order=y&after=-4", "after=abc", "before=99999999999", "after=99999999"):
        assert get(client, teacher, f"participation?{odd}").status_code == 200


def test_the_page_takes_a_bounded_number_of_statements(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    numbers = []
    for more in (1, 40):
        for number in range(more):
            scene.post(scene.launch_session(f"Learner {more} {number}"), question_id="who-buys")
        with counted(client.application.extensions["minga"].database) as statements:
            get(client, teacher, "participation")
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= MAX_STATEMENTS


def test_the_page_of_one_person(scene: Scene, client: FlaskClient, teacher: CurrentSession) -> None:
    ana = scene.launch_session("Ana Quispe")
    posts = [scene.post(ana, f"Text number {number}.") for number in range(21)]
    path = f"participation/{ana.user_id}"
    page = html.fromstring(get(client, teacher, path).text)
    shown = [int(each.get("data-post")) for each in page.cssselect("article")]
    assert shown == [post.id for post in posts[:20]]
    later = get(client, teacher, f"{path}?after={posts[19].id}").text
    assert "Text number 20." in later
    assert "Text number 19." not in later
    for nobody in (999, teacher.user_id):
        assert get(client, teacher, f"participation/{nobody}").status_code == 404


def test_a_persons_page_lists_no_anonymous_post(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    ana = scene.launch_session("Ana Quispe")
    scene.post(ana, "With my name.")
    scene.settings_are(anonymous=True, count_anonymous=True)
    scene.post(ana, "Without my name.")
    page = get(client, teacher, f"participation/{ana.user_id}").text
    assert "With my name." in page
    assert "Without my name." not in page
    assert "<dt>Threads</dt><dd>2</dd>" in page


def test_learners_see_no_participation(scene: Scene, client: FlaskClient) -> None:
    ana = scene.launch_session("Ana Quispe")
    for path in ("participation", f"participation/{ana.user_id}", "participation.csv"):
        assert get(client, ana, path).status_code == 403
    assert "/participation" not in get(client, ana, "").text


def test_the_csv_is_safe_for_spreadsheets(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    for name in ("=1+1", "-x", "+x", "@x"):
        scene.post(scene.launch_session(name), question_id="who-buys")
    response = get(client, teacher, "participation.csv")
    assert response.mimetype == "text/csv"
    assert response.data.startswith("\ufeff".encode())
    header, *rows = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    assert {row[0] for row in rows} == {"'=1+1", "'-x", "'+x", "'@x"}
    assert {len(row) for row in (header, *rows)} == {11 + len(scene.module.questions)}
    assert {row[8] for row in rows} == {"1"}
    titles = header[11:]
    assert len(titles) == len(set(titles)), "questions with one title stay two columns"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("\t=1", "'\t=1"), ("＝1", "'＝1"), ("Ana", "Ana"), ("-3", "'-3"),
        (-3, -3), (0, 0), (None, None),
    ],
)  # fmt: skip
def test_only_text_cells_are_changed(value: Any, cell: Any) -> None:
    assert csv_cell(value) == cell


def test_the_json_has_totals_and_people(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    scene.post(scene.launch_session("Ana Quispe"), question_id="who-buys")
    found = json.loads(get(client, teacher, "participation.json").data)
    assert found["totals"]["people"] == found["totals"]["wrote"] == 1
    assert found["people"][0]["name"] == "Ana Quispe"
    assert found["people"][0]["answers"]["who-buys"] == 1
    assert found["days"] == [{"day": f"{now():%Y-%m-%d}", "threads": 1, "replies": 0, "staff": 0}]
