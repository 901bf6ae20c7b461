"""The pages about grades, with a real LMS behind them: what people read, choose and get."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from demo_lms import vocabulary as lti
from lti_tool import worker
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import User
from lti_tool.gradebook import deep_links
from lti_tool.gradebook.model import GradeColumn
from lti_tool.gradebook.settings import GradeSettings, Requirement
from lti_tool.storage.database import now
from lti_tool.tasks.outbox import OutboxRow
from tests.support import statements
from tests.support.site import Site, site
from tests.support.tabs import Tab, opened

FOUR = {"module": "module-4"}
FORM = {
    "method": "participation",
    "maximum": "10",
    "sections_number": "2",
    "sections_weight": "1",
    "questions_number": "1",
    "questions_weight": "1",
    "threads_number": "1",
    "threads_weight": "0",
    "replies_number": "2",
    "replies_weight": "0",
    "replies_count": "2",
    "time_zone": "UTC",
    "released": "1",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("grades")
    with site(folder) as running:
        yield running


def launched(home: Site, user: str, link: str, **options: Any) -> Tab:
    """Launch an activity of the demo LMS, as it is there."""
    lms = home.lms.state
    role = "Instructor" if user == "maria" else "Learner"
    course, tool = lms.courses["coop-101"], next(iter(lms.tools.values()))
    url = f"{lms.public_url}/lti/courses/{course.id}/line-items"
    endpoint = {"scope": list(lti.GRADE_SCOPES), "lineitems": url}
    if "item" in options:
        endpoint["lineitem"] = options.pop("item")
    assert tool
    return opened(
        home, link, user=user, role=role, custom=FOUR, **{lti.AGS_ENDPOINT: endpoint}, **options
    )


def work(home: Site) -> None:
    """Let the worker do everything, also what waits for a moment."""
    with home.tool.database.write() as session:
        session.execute(update(OutboxRow).values(due_at=now()))
    worker.drained(home.tool.settings, home.tool.database)


def scores(home: Site) -> dict[str, list[tuple[str, float | None]]]:
    """What the LMS has, by the title of the column."""
    lms = home.lms.state
    return {
        item.label: [
            (next(h for h, u in lms.users.items() if u.subject == subject), score.given)
            for subject, score in item.scores.items()
        ]
        for item in lms.line_items.values()
        if item.resource_id and item.resource_id.startswith("minga-")
    }


def user_id(home: Site, handle: str) -> int:
    with home.tool.database.read() as session:
        subject = home.lms.state.users[handle].subject
        return session.scalars(select(User.id).where(User.subject == subject)).one()


def test_from_the_settings_to_the_gradebook(home: Site) -> None:
    instructor = launched(home, "maria", "whole")
    assert "has no grade" in instructor.get("grades").text
    learner = launched(home, "joao", "whole")
    with statements.counted(home.tool.database) as ungraded:
        assert "What counts" not in learner.get().text
    refused = instructor.post("grades/settings", **FORM, first_post="many", due_date="soon")
    assert refused.status_code == 400
    assert 'value="many"' in refused.text
    assert "Write a number of points" in refused.text
    assert instructor.post("grades/settings", **FORM, first_post="5").status_code == 303
    with statements.counted(home.tool.database) as graded:
        page = learner.get().text
    assert len(graded) == len(ungraded) + 3
    assert "up to 10 points" in page
    assert "Read 2 sections." in page
    assert "So far: 0 of 2" in page
    assert "So far:" not in instructor.get().text
    for section in ("introduction", "videos", "introduction"):
        assert learner.post("progress", section=section).status_code == 204
    work(home)
    assert scores(home) == {"An activity": [("joao", 5)], "An activity: first post": []}
    with statements.counted(home.tool.database) as counted:
        learner.write("My first post")
    assert len([each for each in counted if "grade_updates" in each]) == 2
    work(home)
    assert scores(home)["An activity: first post"] == [("joao", 5)]
    assert "So far: 2 of 2" in learner.get().text
    assert "Your grade so far: 5 of 10" in learner.get().text
    grades = instructor.get("grades").text
    assert "Sent on" in grades
    assert "5 of 10" in grades
    with home.tool.database.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "discussion.grade_settings" in actions


def test_points_follow_the_posts_that_are_published(home: Site) -> None:
    instructor = launched(home, "maria", "follow")
    instructor.post("grades/settings", **{**FORM, "method": "none"}, first_post="5")
    learner = launched(home, "joao", "follow")
    post = learner.write("My first post").url.rpartition("#p")[2]
    work(home)
    assert "So far: 1 of 1" in learner.get().text
    learner.post(f"post/{post}/delete")
    work(home)
    assert "So far: 0 of 1" in learner.get().text
    item = next(i for i in home.lms.state.line_items.values() if i.resource_id == "minga-follow")
    assert item.tag == "first-post"
    assert [score.given for score in item.scores.values()] == [0]


def test_settings_that_a_deep_link_carries(home: Site) -> None:
    chosen = GradeSettings(
        method="completion", replies=Requirement(3, 2), first_post=4, due_at=now()
    )
    custom = {**FOUR, **deep_links.parameters(chosen)}
    assert deep_links.parse(custom) == chosen
    module = home.tool.tool.library.get("module-4")
    assert module is not None
    item = deep_links.line_item(chosen, module, "Module 4")
    assert item is not None
    assert (item.score_maximum, item.resource_id, item.tag) == (100, "minga-module-4", "activity")
    assert deep_links.line_item(GradeSettings(first_post=4), module, "Module 4") is None
    assert deep_links.parameters(GradeSettings()) == {}
    for broken in ("", "{", "[1]", '{"method": "x", "first_post": "many"}'):
        found = deep_links.parse({deep_links.PARAMETER: broken})
        assert found is None or not found.graded
    learner = opened(home, "linked", user="joao", role="Learner", custom=custom)
    assert "complete when you have done all of this" in learner.page.text
    assert "Write 3 replies." in learner.page.text
    instructor = opened(home, "linked", user="maria", role="Instructor", custom=custom)
    instructor.post("grades/settings", **FORM)
    again = opened(home, "linked", user="joao", role="Learner", custom=custom)
    assert "up to 10 points" in again.page.text, "the instructor's decision stays"


def test_a_platform_that_ignores_the_line_item_of_a_deep_link_gets_a_column(home: Site) -> None:
    """Canvas drops it: https://github.com/instructure/canvas-lms/issues/1749."""
    custom = {**FOUR, **deep_links.parameters(GradeSettings(method="manual", maximum=7))}
    opened(home, "dropped", user="maria", role="Instructor", custom=custom)
    work(home)
    found = [i for i in home.lms.state.line_items.values() if i.resource_id == "minga-dropped"]
    assert [item.score_maximum for item in found] == [7]


def test_an_activity_that_has_a_column_in_the_lms_counts_participation(home: Site) -> None:
    lms = home.lms.state
    tool = next(iter(lms.tools.values()))
    made = lms.new_line_item("coop-101", tool.client_id, "By the LMS", 20)
    url = f"{lms.public_url}/lti/courses/coop-101/line-items/{made.id}"
    learner = launched(home, "joao", "own column", item=url)
    assert "Your grade grows with what you do of this:" in learner.page.text
    learner.post("progress", section="introduction")
    work(home)
    [score] = made.scores.values()
    assert score.given is not None
    assert 0 < score.given < 100
    assert score.maximum in (20, 100)
    instructor = launched(home, "maria", "own column", item=url)
    instructor.post("grades/settings", **{**FORM, "method": "none"})
    assert "What counts" not in launched(home, "joao", "own column", item=url).page.text


def test_by_hand_with_a_comment(home: Site) -> None:
    instructor = launched(home, "maria", "by hand")
    instructor.post("grades/settings", **{**FORM, "method": "manual"})
    launched(home, "joao", "by hand")
    joao = user_id(home, "joao")
    assert "grades you" not in instructor.get().text
    page = instructor.post(
        f"grades/{joao}", column="activity", points="11", comment="Read <b>this</b>"
    )
    assert page.status_code == 400
    assert "Read &lt;b&gt;this&lt;/b&gt;" in page.text
    assert 'value="11"' in page.text
    saved = instructor.post(f"grades/{joao}", column="activity", points="7,5", comment="Good")
    assert saved.status_code == 303
    work(home)
    item = next(i for i in home.lms.state.line_items.values() if i.resource_id == "minga-by hand")
    [score] = item.scores.values()
    assert (score.given, score.comment, score.grading) == (7.5, "Good", "FullyGraded")
    item.scores[score.user_id].given = 2
    instructor.post("grades", action="read")
    work(home)
    assert "<small>In the LMS: 2 of 10</small>" in instructor.get("grades").text
    instructor.post(f"grades/{joao}", column="activity", points="8", comment="Good")
    work(home)
    assert "graded in the LMS" in instructor.get("grades").text
    assert "7.5" not in instructor.get("grades.csv").text
    assert "8.0" in instructor.get("grades.csv").text


def test_the_review_of_a_submission(home: Site) -> None:
    instructor = launched(home, "maria", "review")
    instructor.post("grades/settings", **{**FORM, "method": "manual"})
    learner = launched(home, "joao", "review")
    learner.write("Read this, please")
    work(home)
    with home.tool.database.read() as session:
        url = session.scalars(
            select(GradeColumn.line_item_url).order_by(GradeColumn.id.desc())
        ).first()
    assert url
    subject = home.lms.state.users["joao"].subject
    claims = {
        lti.LTI + "message_type": "LtiSubmissionReviewRequest",
        lti.LTI + "for_user": {"user_id": subject},
    }
    review = launched(home, "maria", "review", item=url, **claims)
    assert "Read this, please" in review.page.text
    assert "Save grade" in review.page.text
    own = launched(home, "joao", "review", item=url, **claims)
    assert "Read this, please" in own.page.text
    assert "Save grade" not in own.page.text
    unknown = {**claims, lti.LTI + "for_user": {"user_id": "nobody"}}
    assert launched(home, "maria", "review", item=url, **unknown).page.status_code == 200
    assert "What counts" in launched(home, "joao", "review").get().text


def test_the_page_takes_a_bounded_number_of_statements(home: Site) -> None:
    instructor = launched(home, "maria", "bounded")
    instructor.post("grades/settings", **FORM, first_post="5")
    numbers = []
    for handle in ("joao", "amina"):
        launched(home, handle, "bounded")
        with statements.counted(home.tool.database) as counted:
            assert home.lms.state.users[handle].family_name in instructor.get("grades").text
        numbers.append(len(counted))
    assert numbers[0] == numbers[1] <= 14
    page = instructor.get("grades?name=zzz").text
    assert "Nobody is in this list" in page
    after = instructor.get(f"grades?after={user_id(home, 'amina')}").text
    assert home.lms.state.users["amina"].family_name not in after
