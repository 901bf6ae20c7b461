"""A resource link belongs to its context: the same id in another course is another activity.

Open edX keeps the id of a block when a course is run again, and Blackboard when it is copied.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
import requests
from sqlalchemy import select

from lti_tool.attachments.model import Attachment
from lti_tool.directory.model import Course, ResourceLink
from lti_tool.discussion.model import Discussion, Post
from lti_tool.packages.model import READY, PackageBuild
from lti_tool.packages.service import packages_folder
from lti_tool.storage.database import now
from tests.lti_tool.attachments.files import PDF
from tests.lti_tool.routes import ROUTES, Route
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
BLOCK = "block-v1:Minga+1+1+type@lti_consumer+block@a1"
_numbers = count()

CONTEXTS = [
    ("course-v1:Minga+1+2024", "course-v1:Minga+1+2025"),
    ("a course", "A course"),
    ("a course of two", None),
    (None, "a course of its own"),
]
STUDENT_A, TEACHER_A = "Rosa Quispe", "Tomás Mamani"
TEXT, REPLY, COURSE = "Only for the first course", "Answered in the first course", "The first one"


People = Callable[[str], dict[str, str]]
"""The claims of somebody of that name."""


@dataclass
class First:
    """The activity in the first course, with a discussion, progress and a package.

    ``people`` makes them those of one test: nobody may write without end within a minute.
    """

    link: str
    people: People
    student: Tab
    teacher: Tab
    post: int
    reply: int
    user: int
    package: int
    file: int
    draft_key: str

    def path(self, route: Route) -> str:
        ids = {"reply": self.reply, "package": self.package, "file": self.file, "user": self.user}
        return route.path.format(post=self.post, **ids)

    def fields(self, route: Route) -> dict[str, str]:
        return {name: value.format(post=self.post) for name, value in route.fields.items()}


@pytest.fixture(params=CONTEXTS, ids=str)
def first(home: Site, request: pytest.FixtureRequest) -> First:
    """The first course's activity; its module was chosen in the tool."""
    link = f"{BLOCK} {next(_numbers)}"

    def people(name: str) -> dict[str, str]:
        return {"sub": f"{name} {link}", "name": name}

    context = request.param[0]
    teacher = opened(
        home, link, context=context, title=COURSE, role="Instructor", **people(TEACHER_A)
    )
    assert teacher.choose(FOUR).status_code == 303
    student = opened(home, link, context=context, title=COURSE, **people(STUDENT_A))
    form = student.composer()
    attached = student.browser.request(
        "POST",
        f"{student.path}attach",
        data={"token": student.token, "draft_key": form.fields["draft_key"]},
        files={"file": ("notes.pdf", PDF)},
        headers={"X-Minga-Fragment": "1"},
    )
    assert attached.status_code == 200
    assert student.browser.submit(form, text=TEXT).status_code == 200
    assert student.post("progress", section="introduction").status_code == 204
    with home.tool.database.read() as session:
        newest = select(Post.id, Post.author_id).order_by(Post.id.desc()).limit(1)
        post, user = session.execute(newest).one()
        file = session.scalars(select(Attachment.id).where(Attachment.post_id == post)).one()
    fields = {"text": REPLY, "reply_to": str(post), "draft_key": f"reply {post}"}
    assert teacher.post("post", **fields).status_code == 303
    return First(
        link,
        people,
        student,
        teacher,
        post,
        post + 1,
        user,
        ready_package(home),
        file,
        form.fields["draft_key"],
    )


def ready_package(home: Site) -> int:
    with home.tool.database.write() as session:
        row = session.scalars(select(PackageBuild)).first()
        if row is None:
            row = PackageBuild(module_id=FOUR, source_digest="c", format="scorm12", languages="es")
            row.status, row.path, row.asked_at = READY, "of-four/four.zip", now()
            session.add(row)
            session.flush()
        number = row.id
    file = packages_folder(home.tool.settings) / "of-four" / "four.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"PK")
    return number


@pytest.fixture
def second(first: First, request: pytest.FixtureRequest) -> str | None:
    context: str | None = request.node.callspec.params["first"][1]
    return context


def shows_nothing(page: requests.Response, reader: str, *, members: bool = False) -> None:
    """Nothing of the first course is on the page; readers of both courses know their own name.

    ``members``: the page lists the members of the second course, who may be in both.
    """
    names = set() if members else {STUDENT_A, TEACHER_A}
    for secret in {TEXT, REPLY, COURSE, *names} - {reader}:
        assert secret not in page.text, secret


LISTS_OF_MEMBERS = (
    "roster.show",
    "roster.refresh",
    "participation.show",
    "participation.as_csv",
    "participation.as_json",
    "gradebook.show",
    "gradebook.as_csv",
    "discussion.groups",
    "discussion.group",
    "discussion.people",
)
READERS = [("Bruna Lima", "Learner"), (STUDENT_A, "Learner"), (TEACHER_A, "Instructor")]


MODULES = (None, FOUR, WRITING)


@pytest.mark.parametrize("number", range(len(READERS)))
def test_no_route_shows_anything_of_another_course(
    home: Site, first: First, second: str | None, number: int, request: pytest.FixtureRequest
) -> None:
    """Each reader, each module and each pair of contexts meets each of the others once."""
    reader, role = READERS[number]
    pair = CONTEXTS.index(request.node.callspec.params["first"])
    module = MODULES[(number + pair) % len(MODULES)]
    custom = {"module": module} if module else {}
    tab = opened(home, first.link, context=second, role=role, custom=custom, **first.people(reader))
    shows_nothing(tab.page, reader)
    if module:  # a discussion of its own
        assert tab.write("Of the second course").status_code == 200
    for route in ROUTES:
        if route.endpoint in ("module_choice.choose", "packages.request_build"):
            continue
        if route.endpoint in ("personal_data.show", "personal_data.download"):
            continue  # a person's own data in all courses
        if route.method == "GET":
            answer = tab.get(first.path(route))
        else:
            answer = tab.post(first.path(route), **first.fields(route))
        shows_nothing(answer, reader, members=route.endpoint in LISTS_OF_MEMBERS)
        if route.endpoint == "discussion.poll" and module:
            assert answer.json() == {"new": 0}
        if "/{" in route.path and "package" not in route.path:
            forbidden = route.administrator or (route.instructor and role == "Learner")
            assert answer.status_code in ((403, 404) if forbidden else (404,)), route
        if route.endpoint == "discussion.create":
            assert answer.status_code in (404, 409), route
    # The first course's activity is as it was.
    page = first.student.get().text
    assert TEXT in page
    assert REPLY in page
    assert "A reply" not in page


def test_the_second_course_starts_with_nothing(
    home: Site, first: First, second: str | None
) -> None:
    student = opened(home, first.link, context=second, **first.people(STUDENT_A))
    assert "Not ready yet" in student.page.text, "the module was chosen for the other course"
    teacher = opened(
        home, first.link, context=second, role="Instructor", **first.people("Clara Rojas")
    )
    assert teacher.page.url.endswith("/choose")
    assert 'value="module-4" checked' not in " ".join(teacher.page.text.split())
    assert teacher.get("packages").url.endswith("/choose")
    for path in ("packages/state", f"packages/{first.package}"):
        assert teacher.get(path).status_code == 404
    assert teacher.choose(FOUR).status_code == 303
    page = student.get().text
    assert "data-seen>" not in page
    assert 'class="resume"' not in page
    assert "Sections viewed: 0 of" in page
    assert re.search(r'id="p\d', page) is None
    assert "data-seen>" in first.student.get().text


def test_a_choice_in_one_course_changes_nothing_in_the_other(
    home: Site, first: First, second: str | None
) -> None:
    teacher = opened(home, first.link, context=second, role="Instructor", **first.people(TEACHER_A))
    assert teacher.choose(WRITING).status_code == 303
    assert teacher.get(f"packages/{first.package}").status_code == 404
    assert first.teacher.get(f"packages/{first.package}").status_code == 200
    assert "City-to-city cooperation" in first.student.get().text
    assert TEXT in first.student.get().text
    assert "How to write a module" in teacher.get().text


def test_a_form_used_in_one_course_shows_nothing_in_the_other(
    home: Site, first: First, second: str | None
) -> None:
    tab = opened(
        home, first.link, context=second, custom={"module": FOUR}, **first.people(STUDENT_A)
    )
    headers = {"X-Minga-Fragment": "1"}
    for more in ({}, {"headers": headers}):
        data = {"token": tab.token, "text": TEXT, "draft_key": first.draft_key}
        answer = tab.browser.request("POST", f"{tab.path}post", data=data, **more)
        assert answer.status_code == 409
        assert f'id="p{first.post}"' not in answer.text
    assert TEXT not in tab.get().text


@pytest.mark.both_engines
def test_each_course_has_its_own_resource_link(
    home: Site, first: First, second: str | None, request: pytest.FixtureRequest
) -> None:
    contexts = request.node.callspec.params["first"]
    for context in (second, contexts[0], second):
        opened(home, first.link, context=context, **first.people(STUDENT_A))
    with home.tool.database.read() as session:
        found = session.execute(
            select(Course.context_id, ResourceLink.id)
            .select_from(ResourceLink)
            .outerjoin(Course, Course.id == ResourceLink.course_id)
            .where(ResourceLink.lti_resource_link_id == first.link)
        ).all()
        discussions = session.scalars(
            select(Discussion.resource_link_id).where(
                Discussion.resource_link_id.in_([row.id for row in found])
            )
        ).all()
    assert sorted(str(row.context_id) for row in found) == sorted(map(str, contexts))
    assert [row.context_id for row in found if row.id in discussions] == [contexts[0]]
