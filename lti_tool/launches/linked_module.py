"""Which module a resource link names, by its custom parameters or its target link URI.

The URL of a part of a module is ``/lti/launch/m/<module>/<part>``, in earlier versions
``/m/<module>/<part>``: some platforms tell two links apart by
their URLs alone (https://github.com/chamilo/chamilo-lms/issues/8947).
"""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from courseware import parts
from courseware.languages import normal
from courseware.library import Library
from lti_tool.directory.link_choice import LinkedModule
from lti_tool.lti.launch import Launch

PART, LANGUAGE = "part", "modulelanguage"
"""Names of custom parameters: lower-case letters only, because Moodle sends others twice."""
_BEFORE = ("", "/lti/launch")
"""What may precede ``/m/``."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def linked_module(launch: Launch, library: Library, public_url: str) -> LinkedModule:
    """Return what the link names.

    A module of the library is preferred, in any case of its name. Otherwise the result is
    the first name that could be a module's ID, so that the page can say which module is missing.
    A part or a language that is not valid is left out.
    """
    in_path, part_in_path = _names_in_path(launch.target_link_uri, public_url)
    in_query = "".join(parse_qs(urlsplit(launch.target_link_uri).query).get("module", [])[:1])
    named = (launch.custom.get("module"), in_path, in_query)
    names = [name.strip() for name in named if name]
    ids = {module.id.lower(): module.id for module in library.modules()}
    found = next((ids[name.lower()] for name in names if name.lower() in ids), None)
    if found is None:
        missing = next((name for name in names if _NAME.fullmatch(name)), None)
        return LinkedModule(missing, exists=False)
    part = launch.custom.get(PART) or (part_in_path if in_path.lower() == found.lower() else "")
    return LinkedModule(
        found, part=parts.parse(part), language=normal(launch.custom.get(LANGUAGE, ""))
    )


def _names_in_path(url: str, public_url: str) -> tuple[str, str]:
    """The module and the part that the path names; empty strings for none."""
    path = unquote(urlsplit(url).path).removeprefix(urlsplit(public_url).path.rstrip("/"))
    before, _, rest = path.rstrip("/").partition("/m/")
    name, _, part = rest.partition("/")
    return (name, part) if before in _BEFORE else ("", "")
