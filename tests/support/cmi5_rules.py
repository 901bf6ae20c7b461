"""The requirements of cmi5 for statements, as a strict LMS applies them.

From cmi5 (Quartz, 1st Edition), 7.1 and 9, and xAPI 1.0.3, part 2. Each reason for a rejection
begins with the clause.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

CMI5 = "https://w3id.org/xapi/cmi5"
VERBS = "http://adlnet.gov/expapi/verbs/"
DEFINED = ("initialized", "completed", "passed", "failed", "terminated")
_CATEGORY = f"{CMI5}/context/categories/cmi5"
_MOVE_ON = f"{CMI5}/context/categories/moveon"
_SESSION = f"{CMI5}/context/extensions/sessionid"
_MASTERY = f"{CMI5}/context/extensions/masteryscore"
_PROGRESS = f"{CMI5}/result/extensions/progress"
_DURATION = re.compile(r"PT(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?")
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Launch:
    """The values of a launch that its statements must match."""

    actor: Json
    registration: str
    activity: str
    template: Json
    mode: str
    mastery: float | None


def verb_of(statement: Json) -> str:
    """The verb's name."""
    return str(statement["verb"]["id"]).removeprefix(VERBS)


def is_defined(statement: Json) -> bool:
    """Whether the statement has the category of cmi5-defined statements."""
    return _CATEGORY in _categories(statement)


def reasons(
    statement: Json, launch: Launch, session: Sequence[Json], registration: Sequence[Json]
) -> Iterator[str]:
    """Yield why a statement is rejected, given the earlier ones of its session and registration."""
    yield from _form(statement, launch)
    yield from _context(statement, launch)
    verb = verb_of(statement)
    if not session and verb != "initialized":
        yield f"9.3 {verb} before initialized"
    if any(verb_of(one) == "terminated" for one in session):
        yield f"9.3 {verb} after terminated"
    if session and statement["timestamp"] < session[0]["timestamp"]:
        yield f"9.3 {verb} is older than initialized"
    if is_defined(statement):
        yield from _defined(statement, launch, session, registration)
    else:
        yield from _allowed(statement, launch, registration)


def _form(statement: Json, launch: Launch) -> Iterator[str]:
    try:
        if str(UUID(statement["id"])) != statement["id"]:
            yield "9.1 the id is not written as a UUID"
    except ValueError:
        yield "9.1 the id is not a UUID"
    if not _UTC.fullmatch(statement.get("timestamp", "")):
        yield "9.7 the timestamp is not in UTC"
    if statement["actor"] != launch.actor:
        yield "8.1.3 another actor"
    if not statement["verb"].get("display"):
        yield "9.3 the verb has no name"


def _context(statement: Json, launch: Launch) -> Iterator[str]:
    context = statement.get("context", {})
    if context.get("registration") != launch.registration:
        yield "9.6.1 another registration"
    if not context.get("extensions", {}).get(_SESSION):
        yield "9.6.3.1 no session"
    for name, value in launch.template.items():
        if name == "contextActivities":
            for kind, wanted in value.items():
                found = [one["id"] for one in context.get(name, {}).get(kind, [])]
                if found[: len(wanted)] != [one["id"] for one in wanted]:
                    yield f"10.2.1 the template's {kind} are not there"
        elif isinstance(value, dict):
            if not value.items() <= context.get(name, {}).items():
                yield f"10.2.1 the template's {name} are not there"
        elif context.get(name) != value:
            yield f"10.2.1 the template's {name} is not there"


def _defined(
    statement: Json, launch: Launch, session: Sequence[Json], registration: Sequence[Json]
) -> Iterator[str]:
    verb, result = verb_of(statement), statement.get("result", {})
    if verb not in DEFINED:
        yield f"9.3 {verb} is not a verb of cmi5"
    if statement["object"]["id"] != launch.activity:
        yield "9.4 the object is not the unit"
    before = {verb_of(one) for one in session if is_defined(one)}
    ever = {verb_of(one) for one in registration if is_defined(one)}
    if verb in before or (verb in ("completed", "passed") and verb in ever):
        yield f"9.3 {verb} for the second time"
    if launch.mode != "Normal" and verb not in ("initialized", "terminated"):
        yield f"10.2.2 {verb} in mode {launch.mode}"
    if (verb == "completed") != (result.get("completion") is True) or (
        verb != "completed" and "completion" in result
    ):
        yield f"9.5.3 the completion of {verb}"
    if (verb == "passed") != (result.get("success") is True):
        yield f"9.5.2 the success of {verb}"
    if (_MOVE_ON in _categories(statement)) != (verb in ("completed", "passed", "failed")):
        yield f"9.6.2.2 the moveon category of {verb}"
    if verb != "initialized" and not _DURATION.fullmatch(result.get("duration", "")):
        yield f"9.5.4 the duration of {verb}"
    if verb == "passed":
        yield from _passed(statement, launch)
    elif "score" in result:
        yield f"9.5.1 a score in {verb}"
    yield from _progress(result, ever | {verb})


def _passed(statement: Json, launch: Launch) -> Iterator[str]:
    score = statement["result"].get("score", {})
    if not 0 <= score.get("scaled", -1) <= 1 or not score["min"] <= score["raw"] <= score["max"]:
        yield "9.5.1 the score is out of its range"
    if launch.mastery is None:
        return
    if score["scaled"] < launch.mastery:
        yield "9.3.4 passed below the mastery score"
    if statement["context"]["extensions"].get(_MASTERY) != launch.mastery:
        yield "9.6.3.2 no mastery score"


def _allowed(statement: Json, launch: Launch, registration: Sequence[Json]) -> Iterator[str]:
    verb, result = verb_of(statement), statement.get("result", {})
    activity_object = statement["object"]
    if _MOVE_ON in _categories(statement):
        yield "9.6.2.2 a moveon category in a statement that cmi5 does not define"
    if not activity_object["id"].startswith(f"{launch.activity}/"):
        yield f"{verb}: its object is not below the unit"
    names = activity_object["definition"]["name"]
    if not names or not all(_TAG.fullmatch(tag) and text for tag, text in names.items()):
        yield f"xAPI 4.2 {verb}: the name's languages"
    if verb == "answered" and (
        activity_object["definition"].get("interactionType") != "long-fill-in"
        or activity_object["definition"]["type"]
        != "http://adlnet.gov/expapi/activities/cmi.interaction"
        or not isinstance(result.get("response"), str)
    ):
        yield "xAPI 2.4.4.1 no interaction"
    yield from _progress(result, {verb_of(one) for one in registration if is_defined(one)})


def _progress(result: Json, ever: set[str]) -> Iterator[str]:
    progress = result.get("extensions", {}).get(_PROGRESS)
    if progress is None:
        return
    if not isinstance(progress, int) or not 0 <= progress <= 100:
        yield "9.5.5.1 the progress is not a percentage"
    if "completed" in ever:
        yield "9.5.5.1 a progress after completed"


def _categories(statement: Json) -> list[str]:
    activities = statement.get("context", {}).get("contextActivities", {})
    return [one["id"] for one in activities.get("category", [])]
