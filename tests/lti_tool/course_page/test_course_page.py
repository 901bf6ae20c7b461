"""The page of a course: which activities it lists, what it counts, and how much it costs."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import insert, select, update

from lti_tool.app import create_app
from lti_tool.course_page import service
from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.directory.model import ActivityOpening, Course, Deployment, Membership, ResourceLink
from lti_tool.discussion.model import Discussion, Post
from lti_tool.gradebook.model import GradeRule
from lti_tool.notifications.model import Subscription
from lti_tool.participation import totals
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted

MAX_STATEMENTS = 12


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield client
    app.extensions["minga"].database.close()


@pytest.fixture
def teacher(scene: Scene) -> CurrentSession:
    return scene.launch_session("Pilar", instructor=True)


def get(client: FlaskClient, user: CurrentSession, path: str = "course") -> Any:
    client.set_cookie("minga", user.token, path=user.path, secure=False)
    return client.get(user.path + path)


def table(client: FlaskClient, user: CurrentSession, path: str = "course") -> list[list[str]]:
    page = html.fromstring(get(client, user, path).text)
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.cssselect("tbody tr")
    ]


def add_activity(scene: Scene, name: str, **values: Any) -> int:
    with scene.database.write() as session:
        given = {"deployment_id": scene.deployment_id, "course_id": scene.course_id} | values
        link = ResourceLink(lti_resource_link_id=name, title=name, created_at=now(), **given)
        session.add(link)
        session.flush()
        return link.id


def opened(scene: Scene, user: CurrentSession) -> None:
    with scene.database.write() as session:
        key = {"resource_link_id": scene.resource_link_id, "user_id": user.user_id}
        session.add(ActivityOpening(**key, first_at=now(), latest_at=now()))


def test_all_activities_of_the_course_and_of_no_other(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    url = "https://lms.example.org/activity/2"
    add_activity(scene, "Second", module_id=scene.module.id, activity_url=url)
    add_activity(scene, "Empty")
    add_activity(scene, "Gone", module_id="gone")
    with scene.database.write() as session:
        other_deployment = Deployment(
            registration_id=scene.registration_id, deployment_id="2", created_at=now()
        )
        session.add(other_deployment)
        session.flush()
        courses = [
            Course(deployment_id=scene.deployment_id, context_id="c2", created_at=now()),
            Course(deployment_id=other_deployment.id, context_id="c1", created_at=now()),
        ]
        session.add_all(courses)
        session.flush()
        places = [(each.deployment_id, each.id) for each in courses]
    for deployment, course in places:
        add_activity(scene, "Elsewhere", deployment_id=deployment, course_id=course)
    add_activity(scene, "Without a course", course_id=None)
    scenes.add_platform(scene.database, "https://other.example", "Other", scene.module.id)
    page = html.fromstring(get(client, teacher, "course?lang=en").text)
    names = [" ".join(th.text_content().split()) for th in page.cssselect("tbody th")]
    assert len(names) == 4
    assert "You are here" in names[0]
    assert scene.module.titles["en"] in names[1]
    assert "No module chosen" in names[2]
    assert "“gone”" in names[3]
    [link] = [a for a in page.cssselect("tbody a") if a.get("target")]
    assert link.get("href") == url


@pytest.mark.both_engines
def test_the_numbers_of_an_activity(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    ana, luis = scene.launch_session("Ana"), scene.launch_session("Luis")
    left = scene.launch_session("Left")
    for each in (ana, luis, left, teacher):
        opened(scene, each)
    scene.many(ana, [{}, {}, {"status": "held"}])
    scene.many(left, [{}])
    scene.many(teacher, [{"author_role": "instructor"}])
    with scene.database.write() as session:
        ended = update(Membership).where(Membership.user_id == left.user_id)
        session.execute(ended.values(ended_at=now()))
        session.execute(update(Discussion).values(reported=2))
    add_activity(scene, "Second", module_id=scene.module.id)
    first, second = table(client, teacher)
    assert first[1:7] == ["2", "0", "1", "3", "1", "2"], "who left, and instructors, do not count"
    assert second[1:7] == ["0"] * 6


@pytest.mark.both_engines
def test_new_posts_since_the_last_visit(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    ana = scene.launch_session("Ana")
    scene.many(ana, [{}, {}])
    client.set_cookie("minga", teacher.token, path=teacher.path, secure=False)
    form = {"token": teacher.token, "all": "1", "up_to": "2"}
    assert client.post(f"{teacher.path}read", data=form).status_code < 400
    assert table(client, teacher)[0][4] == "0"
    scene.many(ana, [{}])
    assert table(client, teacher)[0][4] == "1"


def test_new_posts_are_counted_up_to_a_hundred(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    [first] = scene.many(scene.launch_session("Ana"), [{}])
    with scene.database.write() as session:
        post = session.get_one(Post, first).__dict__
        same = {name: value for name, value in post.items() if name[0] != "_" and name != "id"}
        rows = [{**same, "sequence": n, "draft_key": str(n)} for n in range(2, 130)]
        session.connection().execute(insert(Post), rows)
    assert table(client, teacher)[0][4] == "100+"


@pytest.mark.both_engines
def test_a_shared_discussion_shows_what_is_for_this_course(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    """Threads of other courses and what waits for other institutions are not counted."""
    ana = scene.launch_session("Ana")
    [post] = scene.many(ana, [{}])
    with scene.database.write() as session:
        institution = InstitutionRow(name="Campus", created_at=now())
        session.add(institution)
        session.flush()
        own = session.scalars(select(Discussion)).one()
        shared = Discussion(
            institution_id=institution.id,
            module_id=scene.module.id,
            created_at=now(),
            waiting=5,
            reported=5,
        )
        session.add(shared)
        session.flush()
        own.shared_id = shared.id
        row = session.get_one(Post, post)
        copied = {
            name: getattr(row, name)
            for name in ("author_id", "created_at", "renderer", "source", "html", "status")
        }
        for number, group in enumerate((0, -own.id, -own.id - 1, 77), start=1):
            session.add(
                Post(
                    **copied,
                    discussion_id=shared.id,
                    group_id=group,
                    sequence=number,
                    draft_key=str(number),
                )
            )
    assert table(client, teacher)[0][4:7] == ["2", "0", "0"]


@pytest.mark.both_engines
def test_a_large_course_is_counted_by_the_worker(
    scene: Scene, client: FlaskClient, teacher: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "LIVE_UP_TO", 1)
    ana = scene.launch_session("Ana")
    scene.launch_session("Luis")
    opened(scene, ana)
    add_activity(scene, "Second", module_id=scene.module.id)
    add_activity(scene, "Empty")
    for _ in range(2):
        page = get(client, teacher).text
        assert "is being counted" in page
        assert "not counted yet" in page
    with scene.database.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind == totals.COUNT_SEVERAL)
        [row] = session.scalars(query).all()
    totals.handlers[totals.COUNT_SEVERAL](scene.database, json.loads(row.payload))
    assert [each[1] for each in table(client, teacher)] == ["1", "0", "0"]
    assert "Counted on" in get(client, teacher).text


@pytest.mark.parametrize("live_up_to", [300, 0], ids=["small course", "large course"])
def test_the_statements_do_not_grow_with_the_activities(
    scene: Scene,
    client: FlaskClient,
    teacher: CurrentSession,
    monkeypatch: pytest.MonkeyPatch,
    live_up_to: int,
) -> None:
    scene.post(scene.launch_session("Ana"))
    monkeypatch.setattr(totals, "LIVE_UP_TO", live_up_to)
    numbers = []
    for more in (1, 30):
        for number in range(more):
            add_activity(scene, f"{more} {number}", module_id=scene.module.id)
        with counted(client.application.extensions["minga"].database) as statements:
            assert get(client, teacher).status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= MAX_STATEMENTS


def test_the_activities_are_paged(
    scene: Scene, client: FlaskClient, teacher: CurrentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE_SIZE", 2)
    for name in ("B", "C", "D"):
        add_activity(scene, name)
    first = html.fromstring(get(client, teacher).text)
    assert len(first.cssselect("tbody tr")) == 2
    [later] = [a for a in first.cssselect(".actions a") if "after=" in a.get("href")]
    second = html.fromstring(client.get(later.get("href")).text)
    assert [th.text_content().split()[0] for th in second.cssselect("tbody th")] == ["C", "D"]
    assert not [a for a in second.cssselect(".actions a") if "after=" in a.get("href")]
    lines = list(csv.reader(io.StringIO(get(client, teacher, "course.csv").text)))
    assert len(lines) == 1 + 4
    for odd in ("after=x", "after=-4", "after=99999999999999999999"):
        assert get(client, teacher, f"course?{odd}").status_code == 200


def test_dates_and_grading(scene: Scene, client: FlaskClient, teacher: CurrentSession) -> None:
    opens = datetime(2026, 9, 1, 12, tzinfo=UTC)
    scene.settings_are(opens_at=opens, time_zone="America/Lima")
    due = datetime(2026, 10, 1, 12, tzinfo=UTC)
    content = json.dumps({"method": "manual", "due_at": due.isoformat()})
    with scene.database.write() as session:
        session.add(GradeRule(resource_link_id=scene.resource_link_id, settings=content))
    [row] = table(client, teacher)
    assert row[7] == "yes"
    assert "Opens Sep 1, 2026" in row[8]
    assert "Due Oct 1, 2026" in row[8]
    _, line = csv.reader(io.StringIO(get(client, teacher, "course.csv").text))
    assert (line[9], line[11]) == ("2026-09-01 12:00:00", "2026-10-01 12:00:00")


def test_the_csv_is_safe_for_spreadsheets(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    add_activity(scene, "=1+1")
    response = get(client, teacher, "course.csv")
    assert response.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert lines[2][0] == "'=1+1"
    assert len({len(line) for line in lines}) == 1


def test_only_present_instructors_see_it(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    assert f"{teacher.path}course" in get(client, teacher, "").text
    learner = scene.launch_session("Ana")
    assert f"{learner.path}course" not in get(client, learner, "").text
    with scene.database.write() as session:
        of_teacher = update(Membership).where(Membership.user_id == teacher.user_id)
        session.execute(of_teacher.values(role="learner", roles="Learner"))
    for user in (learner, teacher):
        for path in ("course", "course.csv"):
            assert get(client, user, path).status_code == 403


def test_following_all_discussions(
    scene: Scene, client: FlaskClient, teacher: CurrentSession
) -> None:
    def choices() -> list[tuple[int | None, str]]:
        with scene.database.read() as session:
            return [(row.course_id, row.choice) for row in session.scalars(select(Subscription))]

    get(client, teacher)
    for form, expected in (
        ({"follow": "1", "course_choice": "every"}, [(scene.course_id, "every")]),
        ({"follow": "1", "course_choice": "nonsense"}, [(scene.course_id, "daily")]),
        ({"course_choice": "every"}, []),
    ):
        data = {"token": teacher.token, **form}
        response = client.post(f"{teacher.path}course/follow", data=data)
        assert response.status_code == 303
        assert choices() == expected
        assert "Saved." in client.get(response.headers["Location"]).text


@pytest.mark.parametrize("mail", [True, False])
def test_the_form_to_follow_is_there_where_mail_is_sent(
    database: Database, tmp_path: Path, mail: bool
) -> None:
    server = {"MINGA_SMTP_URL": "smtp://127.0.0.1:1", "MINGA_MAIL_FROM": "minga@example.org"}
    scene = scenes.make(database, tmp_path, **(server if mail else {}))
    app = create_app(scene.settings)
    with app.test_client() as client:
        page = get(client, scene.launch_session("Pilar", instructor=True)).text
    assert ('name="follow"' in page) is mail
    app.extensions["minga"].database.close()
