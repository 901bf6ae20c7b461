"""A copied activity follows the module choice of its original, and nothing else of it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import select

from demo_lms import vocabulary as lti
from lti_tool.directory.model import ResourceLink
from lti_tool.discussion.model import Discussion
from lti_tool.gradebook import settings as grade_settings
from lti_tool.gradebook.model import GradeRule
from lti_tool.gradebook.settings import GradeSettings
from tests.support.driver import forms
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
TITLES = {FOUR: "City-to-city cooperation", WRITING: "How to write a module"}
_numbers = count()


@pytest.fixture
def name() -> str:
    """A name for the links, courses and users of one test."""
    return f"copies-{next(_numbers)}"


def shown(tab: Tab) -> str | None:
    """The module of the page."""
    page = tab.get().text
    heading = page.split("<h1", 1)[1].split("</h1>")[0]
    return next((module for module, title in TITLES.items() if title in heading), None)


def launched(home: Site, name: str, link: str, course: str, **options: object) -> Tab:
    options.setdefault("sub", f"teacher {name}")
    options.setdefault("role", "Instructor")
    history = {
        variable: ",".join(f"{name}-{each}" for each in listed)
        for variable in ("resource_link_id_history", "context_id_history")
        if (listed := options.pop(variable, ()))
    }
    custom = {**history, **options.pop("custom", {})}
    return opened(home, f"{name}-{link}", context=f"{name}-{course}", custom=custom, **options)


def original(home: Site, name: str, module: str = FOUR, link: str = "a", course: str = "A") -> Tab:
    tab = launched(home, name, link, course, title=f"Course {course}")
    assert tab.choose(module).status_code == 303
    return tab


@pytest.mark.parametrize(
    ("links", "courses", "followed"),
    [
        (["a"], [], True),
        (["a"], ["A"], True),
        (["unknown", "a"], [], True),
        (["unknown", "unknown-2", "a"], ["unknown", "A"], True),
        ([f"unknown-{n}" for n in range(49)] + ["a"], [], True),
        ([f"unknown-{n}" for n in range(50)] + ["a"], [], False),
        (["b", "a"], [], True),  # lists itself
        (["b"], [], False),
        (["unknown"], [], False),
        (["unknown"], ["A"], False),
        ([], ["A"], True),  # the only activity of this title in the course before
        ([], ["unknown", "A"], True),
        ([], ["B"], False),
        ([], ["unknown"], False),
        ([], [], False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_which_copies_follow_an_original(
    home: Site, name: str, links: list[str], courses: list[str], followed: bool
) -> None:
    first = original(home, name)
    form = first.composer(first.get())
    assert first.browser.submit(form, text="Only of the first course").status_code == 200
    copy = launched(
        home, name, "b", "B", resource_link_id_history=links, context_id_history=courses
    )
    if not followed:
        assert copy.page.url.endswith("/choose")
        return
    assert shown(copy) == FOUR
    page = copy.get().text
    assert "This activity was copied from the course “Course A”" in page
    assert "Only of the first course" not in page
    assert "Its discussion starts empty." in page
    assert re.search(r'id="p\d', page) is None


@pytest.mark.parametrize(
    "value", ["$ResourceLink.id.history", "", "null", "a%00b", "' OR ''='", "%", "../..", "\u202ea"]
)
def test_values_that_name_nothing(home: Site, name: str, value: str) -> None:
    original(home, name)
    custom = {"resource_link_id_history": value, "context_id_history": value}
    copy = launched(home, name, "b", "B", custom=custom)
    assert copy.page.status_code == 200
    assert copy.page.url.endswith("/choose")


@pytest.mark.both_engines
def test_the_nearest_known_original_of_a_chain(home: Site, name: str) -> None:
    original(home, name, FOUR, "a", "A")
    original(home, name, WRITING, "b", "B")
    copy = launched(home, name, "d", "D", resource_link_id_history=["c", "b", "a"])
    assert shown(copy) == WRITING
    # A copy of the copy, of which the platform lists only the latest.
    again = launched(home, name, "e", "E", resource_link_id_history=["d"])
    assert shown(again) == WRITING
    assert "This activity was copied from the course" in again.get().text


def test_an_original_without_a_module_is_passed_over(home: Site, name: str) -> None:
    original(home, name)
    assert launched(home, name, "b", "B").page.url.endswith("/choose")
    assert shown(launched(home, name, "c", "C", resource_link_id_history=["b", "a"])) == FOUR


@pytest.mark.both_engines
def test_a_link_that_kept_its_id_follows_the_course_that_was_copied(home: Site, name: str) -> None:
    original(home, name, WRITING, "a", "A")
    original(home, name, FOUR, "a", "A2")
    assert shown(launched(home, name, "a", "B", context_id_history=["A2", "A"])) == FOUR
    assert shown(launched(home, name, "a", "C", context_id_history=["A"])) == WRITING
    assert launched(home, name, "a", "D").page.url.endswith("/choose")
    listed = launched(
        home, name, "b", "E", resource_link_id_history=["a"], context_id_history=["A", "A2"]
    )
    assert shown(listed) == WRITING


def test_titles_that_show_different_modules_decide_nothing(home: Site, name: str) -> None:
    original(home, name, FOUR, "a")
    original(home, name, WRITING, "a-2")
    assert launched(home, name, "b", "B", context_id_history=["A"]).page.url.endswith("/choose")


def test_a_participant_may_open_the_copy_first(home: Site, name: str) -> None:
    original(home, name)
    student = launched(
        home, name, "b", "B", resource_link_id_history=["a"], role="Learner", sub=f"student {name}"
    )
    assert shown(student) == FOUR
    assert "This activity" not in student.get().text, "the notice is for instructors"


@pytest.mark.parametrize(
    ("linked", "chosen", "copy_names", "result"),
    [
        (None, FOUR, None, FOUR),
        (None, FOUR, WRITING, WRITING),
        (FOUR, None, None, FOUR),
        (FOUR, None, FOUR, FOUR),
        (FOUR, None, WRITING, WRITING),
        (FOUR, WRITING, FOUR, WRITING),  # the copied link is unchanged: the choice applies
        (FOUR, WRITING, None, WRITING),
        (FOUR, WRITING, WRITING, WRITING),
        (WRITING, WRITING, FOUR, FOUR),  # the link was changed after it was copied
        (FOUR, WRITING, "no-such-module", WRITING),
    ],
)
def test_what_the_links_name_and_what_was_chosen(
    home: Site,
    name: str,
    linked: str | None,
    chosen: str | None,
    copy_names: str | None,
    result: str,
) -> None:
    first = launched(home, name, "a", "A", custom={"module": linked} if linked else {})
    if chosen:
        assert first.choose(chosen).status_code == 303
    custom = {"module": copy_names} if copy_names else {}
    for _ in range(2):
        copy = launched(home, name, "b", "B", resource_link_id_history=["a"], custom=custom)
        assert shown(copy) == result
    assert shown(first) == (chosen or linked), "the original stays as it is"


def test_a_copy_whose_link_names_the_module_says_so_too(home: Site, name: str) -> None:
    """As in Moodle, where activities are added with Select content."""
    named = {"module": FOUR, "selected": "2026-01-02T03:04:05+00:00"}
    launched(home, name, "a", "A", title="The same", custom=named)
    for _ in range(2):
        history = {"context_id_history": ["A"]}
        copy = launched(home, name, "b", "B", title="The same", custom=named, **history)
        assert "This activity was copied from the course" in copy.get().text
    other = {"module": WRITING, "selected": "2026-02-02T03:04:05+00:00"}
    again = launched(home, name, "b", "B", title="The same", custom=other, **history)
    assert shown(again) == WRITING
    assert "This activity was copied" not in again.get().text


def test_the_copy_is_on_its_own_afterwards(home: Site, name: str) -> None:
    first = original(home, name)
    history = {"resource_link_id_history": ["a"]}
    copy = launched(home, name, "b", "B", **history)
    assert first.choose(WRITING).status_code == 303
    assert shown(launched(home, name, "b", "B", **history)) == FOUR
    assert "This activity was copied from the course" in copy.get().text
    assert copy.choose(FOUR).status_code == 303
    assert "This activity" not in copy.get().text, "the instructor has decided"
    assert shown(first) == WRITING


def test_the_notice_ends_with_the_first_post(home: Site, name: str) -> None:
    original(home, name)
    copy = launched(home, name, "b", "B", resource_link_id_history=["a"])
    assert copy.write("The first one here").status_code == 200
    assert "This activity" not in copy.get().text


def test_the_course_is_named_to_its_members_only(home: Site, name: str) -> None:
    original(home, name)
    history = {"resource_link_id_history": ["a"]}
    page = launched(home, name, "b", "B", **history).get().text
    assert "This activity was copied from the course “Course A”" in page
    stranger = launched(home, name, "b", "B", sub=f"stranger {name}", **history).get().text
    assert "This activity is a copy and shows the same module as the original." in stranger
    assert "Course A" not in stranger
    same = launched(home, name, "c", "A", **history).get().text
    assert "This activity is a copy" in same, "a duplicate in the course itself"


@pytest.mark.both_engines
def test_another_deployment_has_other_links_of_the_same_id(home: Site, name: str) -> None:
    original(home, name)
    [tool] = home.lms.state.tools.values()
    deployment, tool.deployment_id = tool.deployment_id, f"other {name}"
    try:
        copy = launched(
            home, name, "b", "B", resource_link_id_history=["a"], context_id_history=["A"]
        )
    finally:
        tool.deployment_id = deployment
    assert copy.page.url.endswith("/choose")


def test_a_course_that_the_demo_platform_copies(home: Site) -> None:
    """From end to end: the registration asks for the variables, and the platform fills them in."""
    state = home.lms.state
    link = next(iter(state.resource_links.values()))
    link.custom = {}  # an activity made by hand
    browser = home.browser()
    page = browser.launch("maria", link, language="en")
    assert page.url.endswith("/choose")
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    assert "How to write a module" in browser.submit(form, module=WRITING).text
    for _ in range(2):  # a copy, and a copy of the copy
        course = state.copy_course(link.course_id)
        copies = state.resource_links_of(course.id)
        link = next(each for each in copies if each.history[0] == link.id)
        page = browser.launch("maria", link, language="en")
        assert "How to write a module" in page.text.split("<h1", 1)[1].split("</h1>")[0]
        assert "This activity was copied from the course" in page.text


GRADING = {
    **{"method": "participation", "maximum": "12", "first_post": "5", "released": "1"},
    **{f"{each}_weight": "1" for each in ("sections", "questions", "threads", "replies")},
    **{"threads_number": "1", "replies_number": "3", "replies_count": "2", "time_zone": "UTC"},
    **{"due_date": "2099-01-02", "due_time": "10:00", "zero_after_due": "1"},
}


def counts(home: Site, link_id: str) -> GradeSettings | None:
    """What counts in an activity, if anybody decided it."""
    with home.tool.database.read() as session:
        rules = select(GradeRule.settings).join(
            ResourceLink, ResourceLink.id == GradeRule.resource_link_id
        )
        stored = session.scalar(rules.where(ResourceLink.lti_resource_link_id == link_id))
    return None if stored is None else grade_settings.parse(stored, linked=False)


def test_what_counts_is_copied_without_the_due_dates(home: Site, name: str) -> None:
    first = original(home, name)
    assert first.post("grades/settings", **GRADING).status_code == 303
    history = {"resource_link_id_history": ["a"]}
    copy = launched(home, name, "b", "B", **history)
    before, after = counts(home, f"{name}-a"), counts(home, f"{name}-b")
    assert before is not None
    assert (before.maximum, before.first_post, before.due_at is None) == (12, 5, False)
    assert after == replace(before, due_at=None, zero_after_due=False)
    assert copy.post("grades/settings", **{**GRADING, "maximum": "7"}).status_code == 303
    launched(home, name, "b", "B", **history)
    again = counts(home, f"{name}-b")
    assert again is not None
    assert again.maximum == 7, "what the copy's instructor decided stays"


def test_what_was_decided_later_wins_over_the_link_in_a_copy_too(home: Site, name: str) -> None:
    chosen = {"module": FOUR, "selected": "2026-01-02T03:04:05+00:00"}
    custom = {**chosen, "gradesettings": '{"method":"participation","maximum":20}'}
    first = launched(home, name, "a", "A", title="The same", custom=custom)
    history = {"context_id_history": ["A"], "custom": custom, "title": "The same"}
    launched(home, name, "b", "B", **history)
    unchanged = counts(home, f"{name}-b")
    assert unchanged is not None
    assert unchanged.maximum == 20
    assert first.post("grades/settings", **GRADING).status_code == 303
    launched(home, name, "c", "C", **history)
    later = counts(home, f"{name}-c")
    assert later is not None
    assert (later.maximum, later.first_post) == (12, 5)


# Platforms that were migrated from LTI 1.1: https://github.com/hypothesis/lms/issues/4369


def of_1_1(name: str, link: str | None) -> dict[str, object]:
    """The claim of a migrated link; ``link`` is its ID in LTI 1.1."""
    return {lti.LTI + "lti1p1": {"resource_link_id": f"{name}-{link}", "user_id": "7"}}


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("before", "listed", "own", "courses", "followed"),
    [
        ("old-a", ["old-a"], None, [], True),
        ("old-a", ["a"], None, [], True),
        ("old-a", ["unknown", "old-a"], "old-b", [], True),
        ("old-a", ["old-z"], "old-b", [], False),
        (None, ["old-a"], "old-b", [], False),
        ("old-a", [], "old-a", ["A"], True),  # kept its old ID in the course that was copied
        ("old-a", [], "a", ["A"], True),
        ("b", [], None, ["A"], True),
        ("old-a", [], "old-b", [], False),
    ],
)
def test_either_id_of_a_migrated_activity_is_known(
    home: Site,
    name: str,
    before: str | None,
    listed: list[str],
    own: str | None,
    courses: list[str],
    followed: bool,
) -> None:
    claim = of_1_1(name, before) if before else {}
    first = launched(home, name, "a", "A", title="First", **claim)
    assert first.choose(FOUR).status_code == 303
    copy = launched(
        home,
        name,
        "b",
        "B",
        title="Another title",
        resource_link_id_history=listed,
        context_id_history=courses,
        **{lti.LTI + "resource_link": {"id": f"{name}-b", "title": "Renamed"}},
        **(of_1_1(name, own) if own else {}),
    )
    assert copy.page.url.endswith("/choose") is not followed


@pytest.mark.parametrize(
    "claim",
    [
        *(7, [], {}, {"resource_link_id": 7}, {"resource_link_id": ""}),
        *({"resource_link_id": "\0"}, {"resource_link_id": "x" * 300}),
    ],
)
def test_an_odd_claim_of_lti_1_1_is_ignored(home: Site, name: str, claim: object) -> None:
    tab = launched(home, name, "a", "A", **{lti.LTI + "lti1p1": claim})
    assert tab.page.url.endswith("/choose")


def test_the_old_id_of_an_activity_is_kept(home: Site, name: str) -> None:
    original_ = launched(home, name, "a", "A", **of_1_1(name, "old-a"))
    assert original_.choose(FOUR).status_code == 303
    launched(home, name, "a", "A")  # this launch does not tell it
    assert shown(launched(home, name, "b", "B", resource_link_id_history=["old-a"])) == FOUR


@pytest.mark.both_engines
def test_many_participants_open_a_copy_at_once(home: Site, name: str) -> None:
    """No notice announced it: https://github.com/hypothesis/lms/issues/5352."""
    first = original(home, name)
    first.post(
        "discussion/settings",
        moderation="all",
        must_post_first="1",
        time_zone="UTC",
        groups="none",
        edit_minutes="",
    )
    form = first.composer(first.get())
    assert first.browser.submit(form, text="Only of the first course").status_code == 200

    def open_copy(number: int) -> Tab:
        return launched(
            home,
            name,
            "b",
            "B",
            resource_link_id_history=["a"],
            role="Learner",
            sub=f"student {number} {name}",
        )

    with ThreadPoolExecutor(10) as threads:
        tabs = list(threads.map(open_copy, range(50)))
    assert {shown(tab) for tab in tabs[::10]} == {FOUR}
    assert "Only of the first course" not in tabs[0].get().text
    with home.tool.database.read() as session:
        links = session.scalars(
            select(ResourceLink.id).where(ResourceLink.lti_resource_link_id == f"{name}-b")
        ).all()
        [discussion] = session.scalars(
            select(Discussion).where(Discussion.resource_link_id.in_(links))
        ).all()
        copied = json.loads(discussion.settings or "{}")
        assert (copied["must_post_first"], copied["moderation"]) == (True, "all")
