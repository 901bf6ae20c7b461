"""Whether a WebKit browser keeps partitioned cookies in the frame of another site.

WebKit blocks all other cookies in such frames. Partitioned cookies (CHIPS) came with Safari 18.4,
were withdrawn with 18.5 (https://bugs.webkit.org/show_bug.cgi?id=292975) and came back with 26.2.
Where they exist, they may be lost on redirects through several sites
(https://bugs.webkit.org/show_bug.cgi?id=306194). People can also allow cross-site tracking, and
then all cookies are kept. So the version alone never decides: the login tests a cookie.
"""

import re

_OTHER_ENGINES = ("Chrome/", "Chromium/", "Android")
_IOS = re.compile(r"\((?:iPhone|iPad|iPod)[^)]* OS (\d{1,4})_(\d{1,4})")
_SAFARI = re.compile(r"\bVersion/(\d{1,4})\.(\d{1,4})")

_INTRODUCED = (18, 4)
_WITHDRAWN = (18, 5)
_BACK = (26, 2)


def is_webkit(user_agent: str) -> bool:
    """Whether the browser uses WebKit: Safari, each browser of iOS, and web views in apps."""
    return "AppleWebKit/" in user_agent and not any(other in user_agent for other in _OTHER_ENGINES)


def webkit_version(user_agent: str) -> tuple[int, int] | None:
    """The version of Safari that has the same WebKit; None for another engine, or if unknown.

    On iOS and iPadOS, WebKit comes with the system: other browsers and web views have the system's
    version. Since version 26 the system is always named 18_6 or 18_7; ``Version/`` is then newer. A
    web view without ``Version/`` and an iPad that asks for desktop pages do not tell their version.
    """
    if not is_webkit(user_agent):
        return None
    found = (_IOS.search(user_agent), _SAFARI.search(user_agent))
    versions = [(int(match[1]), int(match[2])) for match in found if match]
    return max(versions, default=None)


def has_partitioned_cookies(user_agent: str) -> bool:
    """Whether this is a WebKit browser that is known to have partitioned cookies."""
    version = webkit_version(user_agent)
    if version is None:
        return False
    return _INTRODUCED <= version < _WITHDRAWN or version >= _BACK
