"""The course structure of a cmi5 package: one assignable unit, the whole module.

cmi5 13.1 (course structure) and 14 (course package). The LMS judges by the statements that the
script sends (``runtime/cmi5.js``). ``moveOn`` is ``Completed``, which is the author's rule; if the
author sets a mastery, it is the ``masteryScore``, and ``moveOn`` is ``CompletedAndPassed``.

The ids must be absolute IRIs that never change. An https IRI should be in a domain of the
publisher, which a module does not know. So they are those of ``courseware.iris``.
"""

from collections.abc import Mapping

from courseware.iris import part_iri
from courseware.module import Module, Section
from scorm_builder import xml_writer
from scorm_builder.formats.cmi5 import NAMESPACE, STRUCTURE
from scorm_builder.plan import PackageFile, PackagePlan, from_bytes
from scorm_builder.xml_writer import Node, element

_MODULE_TYPE = "http://adlnet.gov/expapi/activities/module"


def complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return all files of the package, the course structure first."""
    return (from_bytes(STRUCTURE, structure(plan)), *plan.files)


def iri(module: Module, part: str = "") -> str:
    """Return the IRI of the module's course, or of a part of it (``au``, ``sections/videos``)."""
    return part_iri(module.id, part)


def structure(plan: PackagePlan) -> bytes:
    """Return ``cmi5.xml`` for the plan."""
    module = plan.module
    return xml_writer.document(
        element(
            "courseStructure",
            {"xmlns": NAMESPACE},
            element("course", {"id": iri(module)}, *_about(plan)),
            element(
                "objectives", None, *(_objective(plan, section) for section in module.sections)
            ),
            _au(plan),
        )
    )


def _au(plan: PackagePlan) -> Node:
    module = plan.module
    named = [
        element("objective", {"idref": _objective_iri(module, section)})
        for section in module.sections
    ]
    facts = {"id": iri(module, "au"), **_judged_by(module), "launchMethod": "AnyWindow"}
    facts["activityType"] = _MODULE_TYPE
    return element(
        "au",
        facts,
        *_about(plan),
        element("objectives", None, *named),
        element("url", None, plan.launch),
    )


def _judged_by(module: Module) -> dict[str, str]:
    mastery = module.completion.mastery
    if mastery is None:
        return {"moveOn": "Completed"}
    return {"moveOn": "CompletedAndPassed", "masteryScore": f"{mastery / 100:g}"}


def _about(plan: PackagePlan) -> tuple[Node, Node]:
    titles, summaries = plan.module.titles, plan.module.summaries
    return _words("title", plan, titles), _words("description", plan, summaries)


def _objective(plan: PackagePlan, section: Section) -> Node:
    """Return a section as an objective; its title is also the description, which is required."""
    facts = {"id": _objective_iri(plan.module, section)}
    words = [_words(name, plan, section.titles) for name in ("title", "description")]
    return element("objective", facts, *words)


def _objective_iri(module: Module, section: Section) -> str:
    return iri(module, f"sections/{section.id}")


def _words(name: str, plan: PackagePlan, by_language: Mapping[str, str]) -> Node:
    source = plan.module.source_language
    tags = [tag for tag in plan.languages if tag in by_language] or [source]
    strings = [element("langstring", {"lang": tag}, by_language[tag]) for tag in tags]
    return element(name, None, *strings)
