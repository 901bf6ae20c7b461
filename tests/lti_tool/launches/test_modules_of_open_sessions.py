"""An open session keeps the module it was opened with, unless an instructor chooses another."""

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


@pytest.mark.parametrize("named", [by_custom, by_target, by_query])
@pytest.mark.parametrize(("first", "second"), [(FOUR, WRITING), (WRITING, FOUR)])
@pytest.mark.parametrize("second_person", ["joao", "amina"])
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


@pytest.mark.parametrize("named", [by_custom, by_target, by_query])
@pytest.mark.parametrize(
    ("steps", "result"),
    [
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
    ],
    ids=str,
)
def test_the_latest_choice_applies_wherever_it_was_made(
    home: Site, named, steps: tuple[str | None, ...], result: str
) -> None:
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


def test_a_session_opened_without_a_module_gets_the_first_one(home: Site) -> None:
    waiting = opened(home, "waiting")
    assert shown(waiting) == []
    opened(home, "waiting", user="amina", **by_target(home, WRITING))
    assert shown(waiting) == [WRITING]
