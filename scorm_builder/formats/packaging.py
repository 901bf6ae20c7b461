"""What the manifests of both SCORMs write alike, because both stand on IMS Content Packaging.

Its counterpart, with what is asked of anybody's manifest, is ``packaging_rules.py``.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from scorm_builder.plan import Plan
from scorm_builder.xml import Node, element


def title(plan: Plan, titles: Mapping[str, str]) -> Node:
    """Return a title in the package's first language, as long as LMSs promise to keep it."""
    return element("title", None, plan.in_first_language(titles)[:200])


def card(name: str) -> str:
    """Return an author's name as LOM wants it: a vCard (RFC 2426)."""
    plain = name
    for mark in ("\\", ",", ";"):
        plain = plain.replace(mark, f"\\{mark}")
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{plain}\nN:{plain};;;;\nEND:VCARD"


def resources(plan: Plan, name: str, kind: str) -> Iterator[Node]:
    """Yield a resource for each SCO, and one for what they share, on which all of them depend.

    ``kind`` is the attribute that tells an SCO from an asset: its spelling is what differs.
    """
    shared = [element("dependency", {"identifierref": f"RES-{name}"})] if plan.shared else []
    web = {"type": "webcontent"}
    for sco in plan.scos:
        facts = {"identifier": sco.name("RES", name), **web, kind: "sco", "href": quote(sco.launch)}
        yield element("resource", facts, *_files(sco.files), *shared)
    if shared:
        facts = {"identifier": f"RES-{name}", **web, kind: "asset"}
        yield element("resource", facts, *_files(plan.shared))


def _files(paths: Iterable[str]) -> list[Node]:
    return [element("file", {"href": quote(path)}) for path in paths]
