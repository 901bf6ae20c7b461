"""Read the answers in an export of xAPI statements of a cmi5 package.

The export is a list of statements, or the result of a query (xAPI 1.0.3, part 3, 2.1.3: an object
with ``statements``). Our packages send *answered* with the text as ``result.response``, about an
activity whose id ends in ``/questions/`` and the id of the question.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from courseware.iris import part_iri
from courseware.module import Module
from lti_tool.discussion.imports.records import Fault, FileFault, OfflineAnswer, SourcePerson

_ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
_QUESTIONS = "/questions/"
_OURS = "urn:uuid:"


def are_statements(value: object) -> bool:
    """Whether a JSON value is an export of statements."""
    if isinstance(value, dict):
        return isinstance(value.get("statements"), list)
    if not isinstance(value, list):
        return False
    return not value or any(isinstance(each, dict) and "verb" in each for each in value)


def read(value: Any, module: Module) -> Iterator[OfflineAnswer]:
    """Yield the answers; other statements are passed over.

    Raises :class:`FileFault` if all answers are those of other modules.
    """
    listed = value["statements"] if isinstance(value, dict) else value
    others = False
    read_any = False
    for each in listed:
        if not isinstance(each, dict) or _text(each, "verb", "id") != _ANSWERED:
            continue
        before, found, question = _text(each, "object", "id").rpartition(_QUESTIONS)
        response = _text(each, "result", "response")
        if not found or not before or not response.strip():
            continue
        if _is_of_another_module(each, module):
            others = True
            continue
        read_any = True
        yield OfflineAnswer(_person(each), unquote(question), response, _moment(each))
    if others and not read_any:
        raise FileFault(Fault.OTHER_MODULE)


def _is_of_another_module(statement: dict[str, Any], module: Module) -> bool:
    """Whether the statement names the unit of another module of ours (cmi5, 10.2.1)."""
    context = statement.get("context")
    activities = context.get("contextActivities") if isinstance(context, dict) else None
    grouping = activities.get("grouping") if isinstance(activities, dict) else None
    if isinstance(grouping, dict):
        grouping = [grouping]
    if not isinstance(grouping, list):
        return False
    ids = [each.get("id") for each in grouping if isinstance(each, dict)]
    ours = [each for each in ids if isinstance(each, str) and each.startswith(_OURS)]
    return bool(ours) and part_iri(module.id, "au") not in ours


def _person(statement: dict[str, Any]) -> SourcePerson:
    email = _text(statement, "actor", "mbox").removeprefix("mailto:")
    actor = statement.get("actor")
    account = _text(actor, "account", "name") if isinstance(actor, dict) else ""
    return SourcePerson.of(
        name=_text(statement, "actor", "name"), email=email or account, identifier=account
    )


def _moment(statement: dict[str, Any]) -> datetime | None:
    value = statement.get("timestamp")
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None


def _text(value: object, *names: str) -> str:
    """Return the text at a path of members; empty for anything else."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
