"""The ``Link`` header, in which a service says where its next page is (RFC 8288)."""

import re
from urllib.parse import urljoin

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r"\brel\s*=\s*[^\w\s]*([\w -]+)", re.ASCII | re.IGNORECASE)


def next_link(header: str, base: str) -> str | None:
    """The address of the next page, kept letter for letter.

    Moodle writes ``rel=“next”`` with curly quotes, which arrive as other signs, and ``&amp;`` in
    the address (mod/lti/service/gradebookservices/classes/local/resources/lineitems.php).
    """
    for url, parameters in _LINK.findall(header):
        relation = _REL.search(parameters)
        if relation and "next" in relation[1].lower().split():
            return urljoin(base, str(url).strip().replace("&amp;", "&"))
    return None
