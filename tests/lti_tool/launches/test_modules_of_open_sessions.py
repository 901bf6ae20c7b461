"""An open session keeps the module it was opened with, unless an instructor chooses another."""

from itertools import cycle

import pytest

from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
TITLES = {FOUR: "City-to-city cooperation", WRITING: "How to write a module"}


def shown(tab: Tab) -> list[str]:
    """The modules whose title is the heading of the page."""
    page = tab.get().text
    heading = page.split("<h1", 1)[1].split("</h1>")[0] if "<h1" in page else ""
    return [module for module, title in TITLES.items() if title in heading]


def by_custom(home: Site, module: str) -> dict:
    return {"custom": {"module": module}}


def by_target(home: Site, module: str) -> dict:
    return {"target": f"{home.tool.url}/m/{module}"}


def by_query(home: Site, module: str) -> dict:
    return {"target": f"{home.tool.url}/lti/launch?module={module}"}


WAYS = (by_custom, by_target, by_query)


@pytest.mark.parametrize("named", WAYS)
@pytest.mark.parametrize(
    ("first", "second", "second_person"), [(FOUR, WRITING, "joao"), (WRITING, FOUR, "amina")]
)
def test_two_links_of_one_id_keep_their_modules_apart(
    home: Site, named, first: str, second: str, second_person: str
) -> None:
    link = f"two links {named.__name__} {first} {second_person}"
    # Users of this test alone, because posts are limited for each minute.
    one = opened(home, link, sub=f"joao {link}", **named(home, first))
    two = opened(home, link, sub=f"{second_person} {link}", **named(home, second))
    assert (shown(one), shown(two)) == ([first], [second])
    texts = {one.path: f"Of {first}, {link}", two.path: f"Of {second}, {link}"}
    for tab in (one, two):
        assert tab.write(texts[tab.path]).status_code == 200
        assert tab.post("progress", section="introduction").status_code in (204, 404)
    assert (shown(one), shown(two)) == ([first], [second])
    for tab, other in ((one, two), (two, one)):
        assert texts[tab.path] in tab.get().text
        assert texts[other.path] not in tab.get().text


@pytest.mark.parametrize("chosen", [FOUR, WRITING])
def test_an_instructors_choice_applies_to_every_open_session(home: Site, chosen: str) -> None:
    link = f"choice of {chosen}"
    tabs = [
        opened(home, link, user=user, sub=f"{user} {link}", **by_target(home, module))
        for user, module in (("joao", FOUR), ("amina", WRITING), ("maria", FOUR))
    ]
    elsewhere = opened(home, link, context="another course", **by_target(home, FOUR))
    assert tabs[2].choose(chosen).status_code == 303
    assert [shown(tab) for tab in tabs] == [[chosen]] * 3
    assert shown(elsewhere) == [FOUR]
    for tab, module in zip(tabs, (FOUR, WRITING, FOUR), strict=True):
        answer = tab.write(f"Typed for {module}, choice of {chosen}")
        assert answer.status_code == (200 if module == chosen else 409)
    later = opened(home, link, user="devika", **by_target(home, FOUR))
    assert shown(later) == [chosen], "a link that has not changed does not override the choice"


class Chooses(str):
    """A step: an instructor chooses this module in the tool."""


STEPS = [
    ((FOUR, Chooses(WRITING)), WRITING),
    ((FOUR, Chooses(WRITING), FOUR, FOUR), WRITING),
    ((FOUR, Chooses(WRITING), None, FOUR), WRITING),
    ((FOUR, Chooses(FOUR), WRITING), WRITING),
    ((FOUR, Chooses(FOUR), WRITING, Chooses(FOUR)), FOUR),
    ((FOUR, Chooses(FOUR), WRITING, Chooses(FOUR), WRITING), FOUR),
    ((FOUR, Chooses(FOUR), WRITING, Chooses(WRITING), FOUR), FOUR),
    ((FOUR, WRITING, Chooses(FOUR), WRITING), FOUR),
    ((None, Chooses(FOUR), None), FOUR),
    ((None, Chooses(FOUR), WRITING), WRITING),
    ((None, Chooses(FOUR), FOUR, Chooses(WRITING), FOUR), WRITING),
    ((FOUR, Chooses(WRITING), "no-such-module"), WRITING),
    ((FOUR, Chooses(WRITING), "no-such-module", FOUR), WRITING),
    # Selected again in the LMS, before the choice and after it.
    ((FOUR, WRITING, Chooses(WRITING), FOUR), FOUR),
    ((FOUR, WRITING, Chooses(FOUR), WRITING, WRITING), FOUR),
    ((FOUR, WRITING, Chooses(FOUR), None, WRITING), FOUR),
    # Two links of one ID take turns: that they do is known when one comes back.
    ((FOUR, WRITING, FOUR, Chooses(WRITING), FOUR), WRITING),
    ((FOUR, WRITING, FOUR, Chooses(WRITING), WRITING, FOUR, WRITING, FOUR), WRITING),
    ((FOUR, WRITING, FOUR, WRITING, Chooses(FOUR), FOUR, WRITING), FOUR),
    ((FOUR, None, WRITING, None, FOUR, Chooses(WRITING), None, FOUR), WRITING),
    # Without a choice each link shows its own module.
    ((FOUR, WRITING, FOUR, WRITING), WRITING),
    ((FOUR, WRITING, FOUR), FOUR),
    # The second link is opened first after the choice: it counts as a selection, once.
    ((FOUR, Chooses(FOUR), WRITING, FOUR, Chooses(FOUR), WRITING, FOUR, WRITING), FOUR),
]
"""The launches and choices of an activity, and the module that is shown then."""


@pytest.mark.parametrize(
    ("named", "steps", "result"),
    [(named, *row) for row, named in zip(STEPS, cycle(WAYS), strict=False)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_latest_choice_applies_wherever_it_was_made(
    home: Site, named, steps: tuple[str | None, ...], result: str
) -> None:
    """The ways to name a module take turns."""
    link = f"latest {named.__name__} {steps}"[:250]
    teacher = None
    for step in steps:
        if isinstance(step, Chooses):
            assert teacher is not None
            assert teacher.choose(str(step)).status_code == 303
        else:
            teacher = opened(home, link, user="maria", **(named(home, step) if step else {}))
    assert shown(opened(home, link)) == [result]
    if teacher is not None and steps[-1] is not None:
        assert shown(teacher) == [result], "in open sessions too"


def test_the_draft_of_a_form_belongs_to_the_forms_module(home: Site) -> None:
    link = "draft of another module"
    student = opened(home, link, sub=link, **by_target(home, FOUR))
    teacher = opened(home, link, user="maria", **by_target(home, FOUR))
    assert teacher.choose(WRITING).status_code == 303
    fragment = {"X-Minga-Fragment": "1"}
    for module, text in ((FOUR, "For module 4"), (WRITING, "For the other one")):
        data = {"token": student.token, "text": text, "draft_key": f"{link} {module}"}
        answer = student.browser.request(
            "POST", f"{student.path}draft?module={module}", data=data, headers=fragment
        )
        assert answer.status_code == 204
    for path, text in (
        (f"draft?module={FOUR}", "For module 4"),
        (f"draft?module={WRITING}", "For the other one"),
        ("draft", "For the other one"),
        ("draft?module=no-such-module", "For the other one"),
    ):
        assert student.get(path).json()["text"] == text


def test_a_session_opened_without_a_module_gets_the_first_one(home: Site) -> None:
    waiting = opened(home, "waiting")
    assert shown(waiting) == []
    opened(home, "waiting", user="amina", **by_target(home, WRITING))
    assert shown(waiting) == [WRITING]
