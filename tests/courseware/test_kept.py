"""A part of a page is drawn once for everybody who sees it alike, and for nobody else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from jinja2 import Environment
from markupsafe import Markup

from courseware import templating
from courseware.interface import interface
from courseware.kept import Kept

PART = "{% kept 'part', key %}{{ ui.lang }} {{ word }} {{ loud() }}{% endkept %}"


@pytest.fixture
def env() -> Environment:
    return templating.environment()


class Loud:
    """Counts how often it is drawn."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return ""


def shown(env: Environment, kept: Kept | None, loud: Loud, *, lang: str = "es", **values: object):
    store = {} if kept is None else {"kept": kept}
    template = env.from_string(PART)
    return template.render(ui=interface(lang), loud=loud, **store, **values)


def test_it_is_drawn_once_for_each_key_and_language(env: Environment) -> None:
    kept, loud = Kept(10_000), Loud()
    first = shown(env, kept, loud, key=1, word="uno")
    assert (first, loud.times) == ("es uno ", 1)
    assert shown(env, kept, loud, key=1, word="uno") == first
    assert loud.times == 1
    assert shown(env, kept, loud, key=2, word="dos") == "es dos "
    assert shown(env, kept, loud, key=1, word="uno", lang="fr") == "fr uno "
    assert loud.times == 3


def test_without_a_store_it_is_drawn_each_time(env: Environment) -> None:
    loud = Loud()
    assert shown(env, None, loud, key=1, word="uno") == "es uno "
    assert shown(env, None, loud, key=1, word="dos") == "es dos "
    assert loud.times == 2


def test_what_is_inside_is_escaped_once(env: Environment) -> None:
    kept, loud = Kept(10_000), Loud()
    for _ in range(2):
        assert shown(env, kept, loud, key=1, word="<b>&") == "es &lt;b&gt;&amp; "
    assert shown(env, kept, loud, key=2, word=Markup("<b>")) == "es <b> "


def test_it_never_holds_more_than_it_may() -> None:
    kept = Kept(100)
    for number in range(50):
        assert kept.get(number, lambda: "x" * 30) == "x" * 30
    assert len(kept) == 3
    assert kept.get(49, lambda: "another") == "x" * 30, "the newest are there"
    assert kept.get(0, lambda: "another") == "another", "the oldest have gone"
    assert kept.get("huge", lambda: "y" * 101) == "y" * 101, "too large to be kept, but drawn"
    assert kept.get("huge", lambda: "again") == "again"
    assert kept.get(0, lambda: "one more") == "another", "and nothing had to go for it"


def test_many_threads_share_it() -> None:
    kept = Kept(500)

    def draw(number: int) -> bool:
        return kept.get(number % 90, lambda: f"{number % 90:010}") == f"{number % 90:010}"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(draw, range(20_000)))
    assert len(kept) == 50
