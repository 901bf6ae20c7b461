"""The parts of a manifest that SCORM 1.2 and 2004 share (IMS Content Packaging).

The rules for manifests of any origin are in ``rules.py``.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from scorm_builder import xml_writer
from scorm_builder.plan import PackagePlan
from scorm_builder.xml_writer import Node, element


def name_of(plan: PackagePlan) -> str:
    """Return the module's id as it is used in the identifiers of a manifest."""
    return plan.module.id.upper()


def manifest(
    plan: PackagePlan,
    *,
    version: str,
    namespaces: Mapping[str, str],
    lom: Node,
    organization: Node,
    kind: str,
) -> bytes:
    """Return ``imsmanifest.xml`` with one organization.

    ``version`` is the schema version of SCORM, ``lom`` the metadata of the module, and ``kind``
    the attribute that distinguishes SCOs from assets.
    """
    name = name_of(plan)
    facts = {"identifier": f"MINGA-{name}", "version": plan.module.version[:20], **namespaces}
    return xml_writer.document(
        element(
            "manifest",
            facts,
            element(
                "metadata",
                None,
                element("schema", None, "ADL SCORM"),
                element("schemaversion", None, version),
                lom,
            ),
            element("organizations", {"default": f"ORG-{name}"}, organization),
            element("resources", None, *_resources(plan, name, kind)),
        )
    )


def title(plan: PackagePlan, titles: Mapping[str, str]) -> Node:
    """Return a title in the package's first language, cut to the length that LMSs support."""
    return element("title", None, plan.in_first_language(titles)[:200])


def card(name: str) -> str:
    """Return an author's name as a vCard (RFC 2426), which LOM requires."""
    plain = name
    for char in ("\\", ",", ";"):
        plain = plain.replace(char, f"\\{char}")
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{plain}\nN:{plain};;;;\nEND:VCARD"


def _resources(plan: PackagePlan, name: str, kind: str) -> Iterator[Node]:
    """Yield a resource for each SCO, and one for their shared files, on which all depend."""
    shared = [element("dependency", {"identifierref": f"RES-{name}"})] if plan.shared else []
    web = {"type": "webcontent"}
    for sco in plan.scos:
        facts = {
            "identifier": sco.identifier("RES", name),
            **web,
            kind: "sco",
            "href": quote(sco.launch),
        }
        yield element("resource", facts, *_files(sco.files), *shared)
    if shared:
        facts = {"identifier": f"RES-{name}", **web, kind: "asset"}
        yield element("resource", facts, *_files(plan.shared))


def _files(paths: Iterable[str]) -> list[Node]:
    return [element("file", {"href": quote(path)}) for path in paths]
