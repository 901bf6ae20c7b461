"""Which module a resource link names, by its custom parameter or its target link URI."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from courseware.library import Library
from lti_tool.lti.launch import Launch

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def linked_module(launch: Launch, library: Library, public_url: str) -> str | None:
    """The ID of the module that the link names; None if it names none.

    A module of the library is preferred, whatever the case of its name. Otherwise the result is
    the first name that could be a module's ID, so that the page can say which module is missing.
    """
    named = (launch.custom.get("module"), *_names_in_target(launch.target_link_uri, public_url))
    names = [name.strip() for name in named if name]
    ids = {module.id.lower(): module.id for module in library.modules()}
    for name in names:
        if name.lower() in ids:
            return ids[name.lower()]
    return next((name for name in names if _NAME.fullmatch(name)), None)


def _names_in_target(url: str, public_url: str) -> list[str]:
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix(urlsplit(public_url).path.rstrip("/"))
    before, _, name = path.rstrip("/").partition("/m/")
    in_path = [] if before else [name]
    return [*in_path, *parse_qs(parts.query).get("module", [])[:1]]
