"""Pages write dates as in the region of the launch's locale, else of the browser."""

import re

import pytest

from demo_lms.vocabulary import LTI
from tests.support.site import Site
from tests.support.tabs import opened

NAMED = {
    "en": r"[A-Z][a-z]{2} \d+, \d{4}, \d+:\d\d.[AP]M UTC",
    "en-GB": r"\d+ [A-Z][a-z]{2,3} \d{4}, \d\d:\d\d UTC",
    "es-MX": r"\d+ [a-z]{3,4} \d{4}, \d+:\d\d.[ap]\.m\. UTC",
    "pt-PT": r"\d+ de [a-zç]+ de \d{4}, \d\d:\d\d UTC",
    "fr-CA": r"\d+ [a-zéû.]+ \d{4}, \d\d.h.\d\d UTC",
}


@pytest.mark.parametrize(
    ("locale", "browser", "region"),
    [
        (None, "en-GB,en;q=0.8", "en-GB"),
        ("en", "en-GB", "en-GB"),
        ("en-GB", "en-US", "en-GB"),
        ("en", "es-MX", "en"),
        ("es", "es-MX,es;q=0.9", "es-MX"),
        ("pt-PT", "", "pt-PT"),
        ("fr", "en-GB,fr-CA;q=0.5", "fr-CA"),
        ("en-ZZ", "", "en"),
    ],
)
def test_the_dates_of_posts(home: Site, locale: str | None, browser: str, region: str) -> None:
    presentation = {LTI + "launch_presentation": {"locale": locale}} if locale else {}
    tab = opened(home, "dates", custom={"module": "module-4"}, locale=None, **presentation)
    tab.write("A post with a date")
    headers = {"Accept-Language": browser} if browser else {}
    text = tab.browser.get(tab.path, headers=headers).text
    shown = re.findall(r"<time [^>]*>([^<]*)</time>", text)[0]
    assert re.fullmatch(NAMED[region], shown), shown
