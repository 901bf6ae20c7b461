"""The ``Link`` header with the URL of a service's next page (RFC 8288).

NRPS 2.0 §2.4.1 and AGS 2.0 §3.2.3 page their lists this way.
"""

import re
from urllib.parse import urljoin

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r"""\brel\s*=\s*["']?\s*([\w -]+)""", re.ASCII | re.IGNORECASE)


def next_link(header: str, base: str) -> str | None:
    """The URL of the next page, resolved against ``base`` and otherwise unchanged, or None.

    What is no URL is returned as it is.
    """
    for url, parameters in _LINK.findall(header):
        relation = _REL.search(parameters)
        if relation and "next" in relation[1].lower().split():
            try:
                return urljoin(base, str(url).strip())
            except ValueError:
                return str(url)
    return None
