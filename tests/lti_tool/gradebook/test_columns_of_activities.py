"""Which columns an activity has: none if nothing counts, and its own beside others of the module.

Submission reviews open the activity whose column it is.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from courseware import parts
from courseware.module import Module
from demo_lms import vocabulary as lti
from lti_tool.directory.model import Course, Deployment, ResourceLink, User
from lti_tool.gradebook import deep_links, grading, rules, scoring
from lti_tool.gradebook.activities import columns_of, find_activity
from lti_tool.gradebook.model import GradeColumn
from lti_tool.gradebook.settings import GradeSettings, Requirement
from lti_tool.storage.database import now
from tests.lti_tool.gradebook.conftest import MANUAL, OFF, REPLIES, Gradebook
from tests.lti_tool.gradebook.test_pages import FORM, FOUR, launched, work
from tests.support import statements
from tests.support.site import Site, site
from tests.support.tabs import opened

LABELS = {"activity": "Module 4", "first_post": "First", "replies": "Replies"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("odd")) as running:
        yield running


# Nothing counts


def module_of(book: Gradebook, part: str = "") -> Module:
    module = book.library.get("module-4")
    assert module is not None
    return parts.only(module, part)


@pytest.mark.parametrize(
    ("part", "chosen", "kinds"),
    [
        ("", REPLIES, ("activity",)),
        ("", replace(REPLIES, replies=OFF), ()),
        ("", replace(REPLIES, method="completion", replies=OFF), ()),
        ("", replace(REPLIES, method="manual", replies=OFF), ("activity",)),
        ("section/introduction", REPLIES, ()),
        ("section/introduction", replace(REPLIES, sections=Requirement(None, 1)), ("activity",)),
        ("section/introduction", replace(REPLIES, method="completion"), ()),
        ("section/introduction", replace(REPLIES, first_post=3, replies_checkpoint=2), ()),
        ("section/introduction", replace(REPLIES, method="manual", first_post=3), ("activity",)),
        ("discussion", replace(REPLIES, first_post=3), ("activity", "first_post")),
        (
            "discussion",
            replace(REPLIES, replies=OFF, sections=Requirement(None, 1), replies_checkpoint=2),
            ("replies",),
        ),
        ("", GradeSettings(), ()),
        (None, replace(REPLIES, replies=OFF), ("activity",)),
    ],
)
def test_columns_in_which_nothing_counts_are_not_made(
    book: Gradebook, part: str | None, chosen: GradeSettings, kinds: tuple[str, ...]
) -> None:
    module = None if part is None else module_of(book, part)
    assert scoring.kinds_of(chosen, module) == kinds
    if module is not None:
        item = deep_links.line_item(chosen, module, "Module 4")
        assert (item is not None) == ("activity" in kinds)
    with book.database.write() as session:
        values = {"part": part or "", "module_id": None if part is None else "module-4"}
        session.execute(update(ResourceLink).values(**values))
    book.join("ana")
    book.set(chosen)
    book.later(timedelta(hours=2))
    book.work()
    with book.database.read() as session:
        assert tuple(columns_of(session, book.link_id)) == kinds
    tags = {item["tag"] for item in book.platform.items.values()}
    assert tags == {kind.replace("_", "-") for kind in kinds}
    assert not book.platform.scores


def test_a_module_in_which_something_counts_is_chosen_later(book: Gradebook) -> None:
    due_at = now() + timedelta(days=3)
    book.set(replace(REPLIES, replies=Requirement(1, 1), due_at=due_at))
    with book.database.write() as session:
        session.execute(update(ResourceLink).values(part="section/introduction"))
    book.set(replace(REPLIES, due_at=due_at, released=False, first_post=2))
    with book.database.read() as session:
        assert not columns_of(session, book.link_id)
    with book.database.write() as session:
        session.execute(update(ResourceLink).values(part=""))
    ana = book.join("ana")
    book.contribute(ana)
    book.work()
    with book.database.read() as session:
        columns = columns_of(session, book.link_id)
    assert tuple(columns) == ("activity", "first_post")
    assert columns["first_post"].released is False
    assert book.platform.sent("ana") == [2]


def test_the_page_of_an_activity_in_which_nothing_counts_says_so(home: Site) -> None:
    instructor = opened(home, "silent", user="maria", role="Instructor", custom=FOUR)
    questions = {**FORM, "sections_weight": "0", "questions_weight": "1"}
    assert instructor.post("grades/settings", **questions).status_code == 303
    learner = opened(home, "silent", user="joao", custom=FOUR)
    assert "up to 10 points" in learner.page.text
    with home.tool.database.write() as session:
        silent = update(ResourceLink).where(ResourceLink.lti_resource_link_id == "silent")
        session.execute(silent.values(part="section/introduction"))
    work(home)
    assert "This activity has no grade" in instructor.get("grades").text
    assert "What counts" not in learner.get().text


# One module in several activities


@pytest.mark.parametrize("order", ["as made", "reversed"])
@pytest.mark.parametrize("deep_linked", [True, False])
def test_one_module_in_four_courses_and_twice_in_one(
    book: Gradebook, deep_linked: bool, order: str
) -> None:
    """A column for each activity, in whatever order the platform lists them.

    A unique constraint on the module refused this elsewhere:
    https://github.com/PrairieLearn/PrairieLearn/issues/13883
    """
    places = {"rl1": "c1", "rl2": "c1", "rl3": "c2", "rl4": "c3", "rl5": "c4"}
    book.platform.known_links = set(places)
    if deep_linked:
        for link in places:
            book.platform.add(f"of-{link}", resourceId="minga-module-4", resourceLinkId=link)
    books = {"rl1": book}
    for link, context in list(places.items())[1:]:
        books[link] = beside(book, link, context)
    for number, (link, each) in enumerate(books.items(), 1):
        each.set(MANUAL)
        person = each.join(f"{link}-ana")
        give(each, person, number)
    book.work()
    if order == "reversed":
        book.platform.items = dict(reversed(book.platform.items.items()))
    for number, (link, each) in enumerate(books.items(), 1):
        give(each, user_of(each, f"{link}-ana"), number + 4)
    book.work()
    assert len(book.platform.items) == 5
    owners = {
        key: {score["userId"] for item, score in book.platform.scores if item == key}
        for key in book.platform.items
    }
    assert sorted(map(sorted, owners.values())) == [[f"{link}-ana"] for link in places]
    for key, people in owners.items():
        [person] = people
        assert book.platform.items[key]["resourceLinkId"] == person.partition("-")[0]
        assert book.platform.share(key, person) == (int(person[2]) + 4) / 10


def beside(book: Gradebook, lti_link: str, context: str) -> Gradebook:
    """Another activity of the same module, in the course ``context``."""
    with book.database.write() as session:
        deployment = session.scalars(select(Deployment.id)).one()
        query = select(Course.id).where(Course.context_id == context)
        course_id = session.scalars(query).first()
        if course_id is None:
            course = Course(deployment_id=deployment, context_id=context, created_at=now())
            session.add(course)
            session.flush()
            course_id = course.id
        link = ResourceLink(
            deployment_id=deployment,
            course_id=course_id,
            lti_resource_link_id=lti_link,
            title="Module 4",
            module_id="module-4",
            line_items_url=book.platform.line_items_url,
            created_at=now(),
        )
        session.add(link)
        session.flush()
        link_id = link.id
    return replace(book, link_id=link_id, course_id=course_id)


def give(book: Gradebook, user_id: int, points: float) -> None:
    with book.database.write() as session:
        column = columns_of(session, book.link_id)["activity"]
        grading.give(session, column, user_id, points=points, maximum=10, comment="", by=None)


def user_of(book: Gradebook, subject: str) -> int:
    with book.database.read() as session:
        return session.scalars(select(User.id).where(User.subject == subject)).one()


# Submission reviews


@pytest.mark.parametrize(
    ("named", "line_item", "opens"),
    [
        ("reviewed", "own", "reviewed"),
        ("coop-101", "own", "reviewed"),  # Canvas, from SpeedGrader: the context's
        ("another", "own", "reviewed"),
        ("never seen", "own", "reviewed"),
        (None, "own", "reviewed"),
        ("reviewed", "unknown", "reviewed"),
        ("another", "unknown", "another"),
        ("another", "of another course", "another"),
    ],
)
def test_a_review_opens_the_activity_of_its_line_item(
    home: Site, named: str | None, line_item: str, opens: str
) -> None:
    urls = reviewed_and_another(home)
    url = urls.get(line_item, "https://lms.example/unknown")
    subject = home.lms.state.users["joao"].subject
    claims: dict[str, Any] = {
        lti.LTI + "message_type": "LtiSubmissionReviewRequest",
        lti.LTI + "for_user": {"user_id": subject},
    }
    with home.tool.database.read() as session:
        before = len(session.scalars(select(ResourceLink.id)).all())
    link = {lti.LTI + "resource_link": {"id": named} if named else None}
    with statements.counted(home.tool.database) as sent:
        review = launched(home, "maria", "x", item=url, **claims, **link)
    assert f"Written in {opens}" in review.page.text
    assert len([each for each in sent if "grade_columns.line_item_url" in each]) <= 3
    with home.tool.database.read() as session:
        assert len(session.scalars(select(ResourceLink.id)).all()) == before, "no link is invented"


def reviewed_and_another(home: Site) -> dict[str, str]:
    """Two graded activities with a post each; the URLs of line items."""
    with home.tool.database.read() as session:
        known = session.scalars(
            select(ResourceLink.id).where(ResourceLink.lti_resource_link_id == "reviewed")
        ).first()
    if known is None:
        for name in ("reviewed", "another"):
            instructor = launched(home, "maria", name)
            instructor.post("grades/settings", **{**FORM, "method": "manual"})
            launched(home, "joao", name).write(f"Written in {name}")
        elsewhere = opened(home, "elsewhere", user="maria", role="Instructor", context="sse-201",
                           custom=FOUR)  # fmt: skip
        elsewhere.post("grades/settings", **{**FORM, "method": "manual"})
        work(home)
    with home.tool.database.read() as session:
        rows = session.execute(
            select(ResourceLink.lti_resource_link_id, GradeColumn.line_item_url).join(
                GradeColumn, GradeColumn.resource_link_id == ResourceLink.id
            )
        ).all()
    urls = {row.lti_resource_link_id: row.line_item_url or "" for row in rows}
    return {"own": urls["reviewed"], "of another course": urls["elsewhere"]}


def test_a_review_in_the_activity_that_the_lms_has_a_column_for(home: Site) -> None:
    lms = home.lms.state
    tool = next(iter(lms.tools.values()))
    made = lms.new_line_item("coop-101", tool.client_id, "By the LMS", 20)
    url = f"{lms.public_url}/lti/courses/coop-101/line-items/{made.id}"
    launched(home, "joao", "of the lms", item=url).write("Written in of the lms")
    claims = {
        lti.LTI + "message_type": "LtiSubmissionReviewRequest",
        lti.LTI + "for_user": {"user_id": lms.users["joao"].subject},
        lti.LTI + "resource_link": {"id": "coop-101"},
    }
    review = launched(home, "maria", "x", item=url, **claims)
    assert "Written in of the lms" in review.page.text


def test_rules_know_the_module(book: Gradebook) -> None:
    """The activity of a stored rule has the columns of its module, wherever it is read."""
    book.set(REPLIES)
    with book.database.read() as session:
        activity = find_activity(session, book.library, book.link_id)
        assert activity is not None
        assert activity.kinds == ("activity",)
        silent = replace(activity, module=module_of(book, "section/introduction"))
        assert silent.kinds == ()
    with book.database.write() as session:
        changed = rules.save(session, silent, replace(REPLIES, first_post=3), LABELS)
        assert changed
        assert not columns_of(session, book.link_id)
