"""Answers that were written offline become posts: over HTTP without JavaScript, and by command."""

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import Membership, User
from lti_tool.discussion import recount
from lti_tool.discussion.commands import discussion
from lti_tool.discussion.imports import answer_views, stored
from lti_tool.discussion.imports.commands import answers
from lti_tool.discussion.model import AnswerUpload, ImportedPost, Post
from lti_tool.discussion.personal_data import PERSONAL_DATA
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.discussion.test_answer_files import PERSON, answer, answers_file, report
from tests.support.statements import counted

pytestmark = pytest.mark.both_engines


def member(scene: Scene, name: str, email: str | None, **values: Any) -> int:
    user_id = scene.launch_session(name).user_id
    assert user_id is not None
    with scene.database.write() as session:
        session.get_one(User, user_id).email = email
        for key, value in values.items():
            setattr(session.get_one(Membership, user_id), key, value)
    return user_id


def upload(browser: Browser, *contents: Any, method: str = "email") -> str:
    """Send files and return the path of the preview."""
    files = [
        (io.BytesIO((content if isinstance(content, str) else json.dumps(content)).encode()), "a")
        for content in contents
    ]
    response = browser.send("discussion/answers", file=files, method=method)
    assert response.status_code == 303, response.text
    return str(response.location).removeprefix(browser.launch_session.path)


def posts(scene: Scene) -> list[Post]:
    with scene.database.read() as session:
        return list(session.scalars(select(Post).order_by(Post.id)))


def row(name: str, email: str, text: str, question: str = "who-buys") -> list[str]:
    return [name, email, *PERSON[2:], question, text]


ROWS = report(
    row("Ana Quispe", "ANA@example.org", "Las vecinas compran en el mercado."),
    row("Bo Castro", "bo@elsewhere.org", "Los barrios compran todo."),
    row("Dos Luna", "dos@example.org", "Nosotras, siempre."),
    row("Ana Quispe", "ana@example.org", "Me voy.", "who-goes"),
)


class TestPages:
    def test_from_the_files_to_the_posts(self, scene: Scene, pilar: Browser) -> None:
        ana = member(scene, "Ana Q.", "ana@example.org")
        dos = [member(scene, "Luna", "dos@example.org") for _ in range(2)]
        member(scene, "Bo", "bo@elsewhere.org", ended_at=now())
        preview = upload(pilar, ROWS)
        page = pilar.get(preview)
        assert posts(scene) == []
        cards = [" ".join(each.text_content().split()) for each in tree(page).cssselect(".card")]
        assert "In the course: Ana Q. ana@example.org" in cards[0]
        assert "question 1 (February 2, 2026)" in cards[0]
        assert "Nobody in the course was found" in cards[1]
        assert "2 people of the course could be meant" in cards[2]
        assert "The module has no such question." in page.text
        assert "2 answers would be imported" in page.text

        # Nobody is guessed: the third waits for a choice, which the page then applies.
        assert pilar.send(preview, act="import").location.endswith("?added=2&known=0")
        assert [each.author_id for each in posts(scene)] == [ana, None]
        chooser = tree(pilar.get(f"{preview}/2"))
        assert chooser.xpath("//input[@name='choice']/@value")[:2] == [str(each) for each in dos]
        assert pilar.send(f"{preview}/2", choice=dos[1]).status_code == 303
        done = pilar.send(preview, act="import").location
        assert done.endswith("discussion/answers?added=1&known=2")
        assert pilar.get(preview).status_code == 404

        mine, unknown, chosen = posts(scene)
        assert (mine.status, mine.origin, mine.question_id) == ("held", "offline", "who-buys")
        assert f"{mine.created_at:%Y-%m-%d %H:%M}" == "2026-02-02 21:40"
        assert (mine.author_name, mine.author_role) == ("Ana Q.", "participant")
        assert (unknown.author_id, unknown.author_name) == (None, "Bo Castro")
        assert chosen.author_id == dos[1]
        assert not recount.wrong_discussions(scene.database)
        queue = tree(pilar.get("moderation"))
        assert len(queue.xpath("//article[contains(., 'written offline')]")) == 3
        assert pilar.send(f"moderation/{mine.id}", act="approve", revision="0").status_code == 303
        shown = one(pilar.get(), f"//article[@id='p{mine.id}']").text_content()
        assert "written offline" in shown
        assert "Feb 2, 2026" in shown
        with scene.database.read() as session:
            assert session.scalars(select(AuditEntry.detail)).all()[:2] == ["2", "1"]

    @pytest.mark.both_engines
    def test_an_import_can_be_repeated(self, scene: Scene, pilar: Browser) -> None:
        ana = Browser(pilar.client, scene.launch_session("Ana Quispe"))
        with scene.database.write() as session:
            session.get_one(User, ana.launch_session.user_id).email = "ana@example.org"
        file = answers_file(learner={"id": "ana@example.org", "name": "Quispe, Ana"})
        two = answers_file(
            learner={"id": "bo", "name": "Castro, Bo"},
            answers=[answer("who-sells", "Todos"), answer("who-buys", "Los barrios")],
        )
        pilar.send(upload(pilar, file, two), act="import")
        assert len(posts(scene)) == 3
        # The same, from a report: on one line, and under the e-mail address.
        again = report(row("Ana Quispe", "ana@example.org", "Las vecinas. Y los vecinos."))
        for files in ((file, two), (again,)):
            preview = upload(pilar, *files)
            assert "there already" in pilar.get(preview).text
            pilar.send(preview, act="import")
            assert len(posts(scene)) == 3
        # What its author has deleted, or has posted meanwhile, does not come back either.
        scene.delete(ana.launch_session, posts(scene)[0])
        scene.post(ana.launch_session, "Los *barrios*", question_id="who-buys")
        posted = report(row("Ana Quispe", "ana@example.org", "Los *barrios*"))
        for files in ((file,), (posted,)):
            pilar.send(upload(pilar, *files), act="import")
        assert len(posts(scene)) == 4

    def test_another_course_and_another_instructor(self, scene: Scene, pilar: Browser) -> None:
        stranger = member(scene, "Eva Paz", "ana@example.org")
        with scene.database.write() as session:
            session.delete(session.get_one(Membership, stranger))
        preview = upload(pilar, ROWS)
        assert "Nobody in the course was found" in pilar.get(preview).text
        refused = pilar.send(f"{preview}/0", choice=str(stranger))
        assert (refused.status_code, "Choose a person" in refused.text) == (400, True)
        assert pilar.get(f"{preview}/9").status_code == 404
        other = Browser(pilar.client, scene.launch_session("Otro", instructor=True))
        assert other.get(preview).status_code == 404
        assert other.send(preview, act="import").status_code == 404
        pilar.send(f"{preview}/0", choice="skip")
        pilar.send(f"{preview}/1", choice="archive")
        assert "1 answer would be imported" not in pilar.get(preview).text
        assert "2 answers would be imported" in pilar.get(preview).text
        pilar.send(preview, act="cancel")
        assert pilar.get(preview).status_code == 404

    def test_matched_in_another_way(self, scene: Scene, pilar: Browser) -> None:
        ana = member(scene, "João ARAÚJO", None)
        preview = upload(pilar, answers_file(learner={"id": "j", "name": "Araújo, João"}))
        assert "Nobody in the course was found" in pilar.get(preview).text
        pilar.send(preview, act="match", method="name")
        assert "João ARAÚJO" in pilar.get(preview).text
        with scene.database.write() as session:
            session.get_one(User, ana).subject = "J"
        pilar.send(preview, act="match", method="identifier")
        pilar.send(preview, act="import")
        assert [each.author_id for each in posts(scene)] == [ana]

    def test_in_an_anonymous_discussion_nobody_is_named(self, scene: Scene, pilar: Browser) -> None:
        ana = member(scene, "Ana Q.", "ana@example.org")
        scene.settings_are(anonymous=True)
        pilar.send(upload(pilar, ROWS), act="import")
        mine, *others = posts(scene)
        assert mine.author_id == ana
        for each in (mine, *others):
            assert (each.anonymous, each.author_name) == (True, None)
            assert each.author_code
        assert "Bo Castro" not in pilar.get("moderation").text

    def test_the_page_costs_the_same_for_many(self, scene: Scene, pilar: Browser) -> None:
        costs = []
        for number in (1, 40):
            for each in range(number):
                member(scene, f"P{each}", f"{number}.{each}@example.org")
            rows = [row(f"P{i}", f"{number}.{i}@example.org", f"Texto {i}") for i in range(number)]
            preview = upload(pilar, report(*rows))
            with counted(scene.database) as statements:
                assert pilar.get(preview).status_code == 200
            costs.append(len(statements))
        assert costs[1] <= costs[0] + 1  # the discussion's row, once there is one

    def test_a_large_import_takes_several_steps(
        self, scene: Scene, pilar: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(answer_views, "_MOST_AT_ONCE", 2)
        preview = upload(pilar, report(*(row(f"P{i}", f"{i}@e.org", "Texto") for i in range(3))))
        assert pilar.send(preview, act="import").location.endswith(f"{preview}?added=2&known=0")
        assert "Import 1 answer<" in pilar.get(preview).text
        assert "added=1&known=2" in pilar.send(preview, act="import").location
        assert len(posts(scene)) == 3

    def test_without_a_file(self, pilar: Browser) -> None:
        refused = pilar.send("discussion/answers", method="name")
        assert refused.status_code == 400
        assert one(refused, "//p[@id='error']").text == "Choose at least one file."
        assert one(refused, "//input[@value='name']").get("checked") is not None


def test_no_mail_before_the_approval(scene: Scene, pilar: Browser) -> None:
    member(scene, "Ana Q.", "ana@example.org")
    pilar.send(upload(pilar, ROWS), act="import")
    with scene.database.read() as session:
        kinds = set(session.scalars(select(OutboxRow.kind)))
    assert kinds <= {"discussion.language"}


@pytest.mark.both_engines
def test_uploads_end_after_a_day_and_with_the_user(scene: Scene, pilar: Browser) -> None:
    ana = member(scene, "Ana Q.", "ana@example.org")
    old, new = upload(pilar, ROWS), upload(pilar, ROWS)
    with scene.database.write() as session:
        session.get_one(AnswerUpload, int(old.split("/")[-1])).created_at -= stored.MAX_AGE
    assert stored.purge(scene.database) == 1
    assert (pilar.get(old).status_code, pilar.get(new).status_code) == (404, 200)
    with scene.database.write() as session:
        PERSONAL_DATA.erase(session, ana)
    assert scene.count(AnswerUpload) == 0


@pytest.mark.both_engines
def test_the_command(scene: Scene, tmp_path: Any) -> None:
    ana = member(scene, "Ana Q.", "ana@example.org")
    (tmp_path / "report.txt").write_text(ROWS, encoding="utf-16")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(answers, arguments, obj=scene.operator)

    searching = ("list", "--search", "campus")
    listed = CliRunner().invoke(discussion, searching, obj=scene.operator).output
    number = str(scene.resource_link_id)
    assert listed.split()[0] == number
    command = ("import", str(tmp_path / "report.txt"), "--activity", number)
    dry = run(*command).output
    assert f"Ana Quispe ANA@example.org: user {ana}, Ana Q." in dry
    assert "3 answers would be imported" in dry
    assert scene.count(Post) == 0
    assert "Imported: 2" in run(*command, "--person", "3=skip", "--apply").output
    assert "Imported: 1. Were there already: 2." in run(*command, "--apply").output
    facts = json.loads(run(*command, "--json").output)
    assert [len(each["known"]) for each in facts["people"]] == [1, 1, 1]
    assert scene.count(ImportedPost) == 4
    for wrong in (("--person", "9=skip"), ("--person", "1=me"), ("--module", "no")):
        assert run(*command, *wrong).exit_code in (1, 2)
    assert "There is no activity 99" in run(*command[:-1], "99").output
