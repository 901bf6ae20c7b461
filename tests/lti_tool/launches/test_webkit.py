"""Which browsers are WebKit, with which version, and whether they have partitioned cookies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.launches.webkit import has_partitioned_cookies, is_webkit, webkit_version

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
)
PAD = "Mozilla/5.0 (iPad; CPU OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

WEBKIT = [
    # Safari on macOS, and on iPads that ask for desktop pages
    (f"{MAC} Version/17.6 Safari/605.1.15", (17, 6), False),
    (f"{MAC} Version/18.3.1 Safari/605.1.15", (18, 3), False),
    (f"{MAC} Version/18.4 Safari/605.1.15", (18, 4), True),
    (f"{MAC} Version/18.4.1 Safari/605.1.15", (18, 4), True),
    (f"{MAC} Version/18.5 Safari/605.1.15", (18, 5), False),
    (f"{MAC} Version/18.6 Safari/605.1.15", (18, 6), False),
    (f"{MAC} Version/18.10 Safari/605.1.15", (18, 10), False),
    (f"{MAC} Version/26.0 Safari/605.1.15", (26, 0), False),
    (f"{MAC} Version/26.1 Safari/605.1.15", (26, 1), False),
    (f"{MAC} Version/26.2 Safari/605.1.15", (26, 2), True),
    (f"{MAC} Version/26.10 Safari/605.1.15", (26, 10), True),
    (f"{MAC} Version/27.0 Safari/605.1.15", (27, 0), True),
    # Safari on iOS and iPadOS; since version 26 the system is always named 18_6 or 18_7
    (f"{PHONE.format('17_6_1')} Version/17.6 Mobile/15E148 Safari/604.1", (17, 6), False),
    (f"{PHONE.format('18_4')} Version/18.4 Mobile/15E148 Safari/604.1", (18, 4), True),
    (f"{PHONE.format('18_5')} Version/18.5 Mobile/15E148 Safari/604.1", (18, 5), False),
    (f"{PHONE.format('18_6')} Version/26.1 Mobile/15E148 Safari/604.1", (26, 1), False),
    (f"{PHONE.format('18_7')} Version/26.2 Mobile/15E148 Safari/604.1", (26, 2), True),
    (f"{PAD.format('18_4_1')} Version/18.4 Mobile/15E148 Safari/604.1", (18, 4), True),
    (f"{PAD.format('16_7')} Version/16.6 Mobile/15E148 Safari/604.1", (16, 7), False),
    # Other browsers of iOS: their WebKit is that of the system
    (f"{PHONE.format('18_4')} CriOS/135.0.7049.83 Mobile/15E148 Safari/604.1", (18, 4), True),
    (f"{PHONE.format('18_5')} CriOS/137.0.7151.51 Mobile/15E148 Safari/604.1", (18, 5), False),
    (f"{PHONE.format('26_2_0')} CriOS/143.0.7499.92 Mobile/15E148 Safari/604.1", (26, 2), True),
    (f"{PHONE.format('18_4')} FxiOS/137.0 Mobile/15E148 Safari/605.1.15", (18, 4), True),
    (f"{PHONE.format('18_6')} FxiOS/146.0 Mobile/15E148 Safari/605.1.15", (18, 6), False),
    (f"{PHONE.format('18_4_0')} Version/18.0 EdgiOS/135.0.3179.73 Mobile/15E148 Safari/604.1",
     (18, 4), True),
    (f"{PAD.format('18_5')} Version/18.0 EdgiOS/136.0.3240.91 Mobile/15E148 Safari/604.1",
     (18, 5), False),
    (f"{PHONE.format('18_4')} OPT/5.4.1 Mobile/15E148", (18, 4), True),
    (f"{PHONE.format('18_4')} GSA/366.0.744 Mobile/15E148 Safari/604.1", (18, 4), True),
    # Web views in apps: without Version/, on a Mac without any version
    (f"{PHONE.format('18_4')} Mobile/15E148", (18, 4), True),
    (f"{PHONE.format('18_5')} Mobile/15E148 [FBAN/FBIOS;FBAV/512.0]", (18, 5), False),
    (f"{PHONE.format('18_7')} Mobile/15E148 MoodleMobile 5.0.0", (18, 7), False),
    (MAC, None, False),
    (f"{MAC} FxiOS/146.0 Safari/605.1.15", None, False),
    # WebKit on Linux
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
     "Safari/605.1.15", (18, 0), False),
]  # fmt: skip

OTHERS = [
    "",
    "curl/8.5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/143.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/143.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 4.0.3) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 "
    "Mobile Safari/534.30",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/143.0 "
    "Safari/537.36",
]


@pytest.mark.parametrize(("agent", "version", "partitioned"), WEBKIT)
def test_webkit_and_its_partitioned_cookies(
    agent: str, version: tuple[int, int] | None, partitioned: bool
) -> None:
    assert is_webkit(agent)
    assert webkit_version(agent) == version
    assert has_partitioned_cookies(agent) is partitioned


@pytest.mark.parametrize("agent", OTHERS)
def test_other_engines(agent: str) -> None:
    assert not is_webkit(agent)
    assert webkit_version(agent) is None
    assert not has_partitioned_cookies(agent)


@given(st.text() | st.from_regex(r"AppleWebKit/605 \(iPhone; OS \d+_\d+\) Version/\d+\.\d+"))
def test_any_user_agent_can_be_asked(agent: str) -> None:
    assert has_partitioned_cookies(agent) in (True, False)
