"""A fragment is rendered once for all readers for whom it is identical."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from jinja2 import Environment
from markupsafe import Markup

from courseware import templating
from courseware.fragment_cache import FragmentCache
from courseware.i18n import interface

FRAGMENT = "{% cache 'part', key %}{{ ui.lang }} {{ word }} {{ count() }}{% endcache %}"


@pytest.fixture
def env() -> Environment:
    return templating.environment()


class Counter:
    """Counts how often it is rendered."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return ""


def render(
    env: Environment,
    cache: FragmentCache | None,
    count: Counter,
    *,
    lang: str = "es",
    **values: object,
) -> str:
    context = {} if cache is None else {"fragment_cache": cache}
    template = env.from_string(FRAGMENT)
    return template.render(ui=interface(lang), count=count, **context, **values)


def test_rendered_once_for_each_key_and_language(env: Environment) -> None:
    cache, count = FragmentCache(10_000), Counter()
    first = render(env, cache, count, key=1, word="uno")
    assert (first, count.times) == ("es uno ", 1)
    assert render(env, cache, count, key=1, word="uno") == first
    assert count.times == 1
    assert render(env, cache, count, key=2, word="dos") == "es dos "
    assert render(env, cache, count, key=1, word="uno", lang="fr") == "fr uno "
    assert count.times == 3
    assert render(env, cache, count, key=1, word="uno", lang="es-MX") == "es uno "
    assert count.times == 4, "dates and numbers differ by region"


def test_rendered_each_time_without_a_cache(env: Environment) -> None:
    count = Counter()
    assert render(env, None, count, key=1, word="uno") == "es uno "
    assert render(env, None, count, key=1, word="dos") == "es dos "
    assert count.times == 2


def test_content_is_escaped_once(env: Environment) -> None:
    cache, count = FragmentCache(10_000), Counter()
    for _ in range(2):
        assert render(env, cache, count, key=1, word="<b>&") == "es &lt;b&gt;&amp; "
    assert render(env, cache, count, key=2, word=Markup("<b>")) == "es <b> "


def test_the_oldest_entries_are_removed_above_the_limit() -> None:
    cache = FragmentCache(100)
    for number in range(50):
        cache.put(number, "x" * 30)
    assert [cache.get(number) is not None for number in (0, 46, 47, 48, 49)] == [0, 0, 1, 1, 1]
    cache.put("huge", "y" * 101)
    assert cache.get("huge") is None, "larger than the limit"
    assert len(cache) == 3, "and nothing was removed for it"


def test_many_threads_share_a_cache() -> None:
    cache = FragmentCache(500)

    def put_and_get(number: int) -> bool:
        fragment = f"{number % 90:010}"
        cache.put(number % 90, fragment)
        return cache.get(number % 90) in (fragment, None)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(put_and_get, range(20_000)))
    assert len(cache) == 50
