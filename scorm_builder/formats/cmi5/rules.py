"""Rules for cmi5 course structures.

From cmi5 (Quartz, 1st Edition): 13.1 (data model), 14 (packages) and 8.1 (launch parameters). The
schema alone is not enough: it accepts any text as an IRI, duplicate ids, references without a
target and URLs of missing files. An ``error`` makes an LMS refuse the package or not play it; a
``warning`` is ignored, or interpreted differently than intended.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from courseware.languages import normal
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.references import BadReferenceError, FileNames, resolve
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.cmi5 import NAMESPACE, STRUCTURE

_MOVE_ON = ("NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed")
_LAUNCH_METHODS = ("AnyWindow", "OwnWindow")
_LAUNCH_PARAMETERS = ("endpoint", "fetch", "actor", "registration", "activityId")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_IRI = re.compile(r"[\x00-\x20\x7f-\x9f<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[^?#]+", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_SCORE_PLACES = 4

_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class _ElementRule:
    """An element's schema: children in order with minimum and maximum number, and attributes."""

    clause: str
    children: tuple[tuple[tuple[str, ...], int, int], ...] = ()
    attributes: tuple[str, ...] = ()
    any_order: bool = False
    free: bool = False


_WORDS = ((("title",), 1, 1), (("description",), 1, 1))
_PARTS = (("au", "block"), 1, _MANY)
_REFERENCES = (("objectives",), 0, 1)
_OBJECTIVES = (("objective",), 1, _MANY)
_STRING = _ElementRule("13.1")
_ELEMENT_RULES = {
    "courseStructure": _ElementRule("13.1", ((("course",), 1, 1), _REFERENCES, _PARTS)),
    "course": _ElementRule("13.1.1", _WORDS, ("id",)),
    "objectives": _ElementRule("13.1.3", (_OBJECTIVES,)),
    "objectives/objective": _ElementRule("13.1.3", _WORDS, ("id",), any_order=True),
    "block": _ElementRule("13.1.2", (*_WORDS, _REFERENCES, _PARTS), ("id",)),
    "au": _ElementRule(
        "13.1.4",
        (
            *_WORDS,
            _REFERENCES,
            (("url",), 1, 1),
            (("launchParameters",), 0, 1),
            (("entitlementKey",), 0, 1),
        ),
        ("id", "moveOn", "masteryScore", "launchMethod", "activityType"),
    ),
    "references": _ElementRule("13.1", (_OBJECTIVES,)),
    "references/objective": _ElementRule("13.1", attributes=("idref",)),
    "title": _ElementRule("13.1", ((("langstring",), 1, _MANY),)),
    "description": _ElementRule("13.1", ((("langstring",), 1, _MANY),)),
    "langstring": _ElementRule("13.1", attributes=("lang",)),
    "url": _STRING,
    "launchParameters": _ElementRule("13.1.4", free=True),
    "entitlementKey": _ElementRule("13.1.4", free=True),
}
"""The rules of the schema that a package can break; a ``free`` element may have any content."""


@dataclass
class _Course:
    """The state of a check. ``files`` is None for a course structure without a package."""

    files: Mapping[str, int] | None
    ids: dict[str, XmlElement] = field(default_factory=dict)
    objectives: set[str] = field(default_factory=set)
    units: int = 0

    @cached_property
    def names(self) -> FileNames:
        """The names of the package's files."""
        return FileNames(self.files or {})


def findings(root: XmlElement, files: Mapping[str, int] | None) -> Iterator[Finding]:
    """Check all rules; ``files`` are the names and sizes of the package's files, or None.

    None is for a course structure without a package (cmi5 14.2).
    """
    if root.local != "courseStructure":
        message = f"The document's element is <{root.local}>, not <courseStructure>."
        yield _error("root", message, root, "13.1")
        return
    if root.namespace != NAMESPACE:
        message = f"<courseStructure> must be in the namespace {NAMESPACE}."
        yield _error("namespace", message, root, "14")
        return
    course = _Course(files)
    tops = root.first("objectives")
    for one in tops.all("objective") if tops else ():
        course.objectives.add(one.attributes.get("id", "").strip())
    yield from _inside(course, root, "courseStructure")
    if course.units == 0:
        yield _error("nothing", "There is no <au>: nothing to play.", root, "13.1.4")


def _error(rule: str, message: str, at: XmlElement, clause: str) -> Finding:
    return Finding("error", f"cmi5/{rule}", message, STRUCTURE, at.line, f"cmi5 {clause}")


def _warning(rule: str, message: str, at: XmlElement, clause: str) -> Finding:
    return Finding("warning", f"cmi5/{rule}", message, STRUCTURE, at.line, f"cmi5 {clause}")


def _inside(course: _Course, here: XmlElement, name: str) -> Iterator[Finding]:
    """Check an element of the cmi5 namespace by the rule ``name``, and its descendants."""
    kind = _ELEMENT_RULES[name]
    yield from _attributes(here, kind)
    yield from _own_rules(course, here, name, kind)
    if kind.free:
        return
    yield from _children(here, kind)
    known = {child for names, _, _ in kind.children for child in names}
    for child in here.children:
        if child.namespace == NAMESPACE and child.local in known:
            yield from _inside(course, child, _kind_of(child.local, name))


def _kind_of(local: str, parent: str) -> str:
    if local == "objectives":
        return "objectives" if parent == "courseStructure" else "references"
    return f"{parent}/objective" if local == "objective" else local


def _children(here: XmlElement, kind: _ElementRule) -> Iterator[Finding]:
    """Find children that are missing, repeated, misplaced or unknown."""
    known = [names for names, _, _ in kind.children]
    places: list[int] = []
    foreign = None
    for child in here.children:
        place = next((at for at, names in enumerate(known) if child.local in names), None)
        if child.namespace not in ("", NAMESPACE):
            foreign = child
        elif child.namespace == "" or place is None:
            message = f"<{here.local}> may not hold <{child.local}>"
            hint = _hint(child.local, [name for names in known for name in names])
            yield _error("element", f"{message}{hint}.", child, kind.clause)
        elif foreign:
            message = f"<{foreign.local}> of another namespace must come last in <{here.local}>."
            yield _error("order", message, foreign, "13.1.5")
            foreign = None
        if place is not None and child.namespace == NAMESPACE:
            places.append(place)
    if places != sorted(places) and not kind.any_order:
        order = ", ".join(" or ".join(names) for names in known)
        message = f"In <{here.local}> the order is {order}."
        yield _error("order", message, here, kind.clause)
    for place, (names, least, most) in enumerate(kind.children):
        found, words = places.count(place), " or ".join(f"<{name}>" for name in names)
        if found < least:
            yield _error("missing", f"<{here.local}> lacks {words}.", here, kind.clause)
        elif found > most:
            yield _error("repeated", f"<{here.local}> has {words} {found} times.", here, "13.1")


def _attributes(here: XmlElement, kind: _ElementRule) -> Iterator[Finding]:
    for name in here.attributes:
        if "|" not in name and name not in kind.attributes:
            message = f"<{here.local}> has no attribute {name}{_hint(name, kind.attributes)}."
            yield _error("attribute", message, here, kind.clause)


def _hint(name: str, known: list[str] | tuple[str, ...]) -> str:
    meant = next((one for one in known if one.lower() == name.lower()), None)
    return f": it is written {meant}" if meant else ""


def _own_rules(
    course: _Course, here: XmlElement, name: str, kind: _ElementRule
) -> Iterator[Finding]:
    if "id" in kind.attributes:
        yield from _id(course, here, kind)
    match name:
        case "au":
            course.units += 1
            yield from _unit(here)
        case "url":
            yield from _url(course, here)
        case "title" | "description":
            yield from _languages(here)
        case "references/objective":
            yield from _reference(course, here)


def _id(course: _Course, here: XmlElement, kind: _ElementRule) -> Iterator[Finding]:
    """Check that an id is an absolute IRI and unique in the structure."""
    found = here.attributes.get("id", "").strip()
    if not found:
        yield _error("id", f"<{here.local}> lacks an id.", here, kind.clause)
    elif reason := _no_iri(found):
        message = f'The id "{found}" is no absolute IRI: {reason}.'
        yield _error("iri", message, here, "3 and " + kind.clause)
    elif found in course.ids:
        other = course.ids[found]
        message = f'The id "{found}" was given to <{other.local}> before, in line {other.line}.'
        yield _error("duplicate-id", message, here, kind.clause)
    if found:
        course.ids.setdefault(found, here)


def _no_iri(text: str) -> str:
    """Return why a text is not an absolute IRI (RFC 3987, 2.2); empty if it is one."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "it has no scheme, as https: or urn: is one"
    if bad := _NOT_IN_IRI.search(text):
        return f"it may not hold {bad[0]!r}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "its host cannot be read"
    if parts.scheme in ("http", "https") and not parts.hostname:
        return "it has no host"
    if parts.scheme == "urn" and not _URN.match(text):
        return "a urn is written urn:namespace:name"
    return "" if len(text) > scheme.end() else "nothing follows its scheme"


def _unit(au: XmlElement) -> Iterator[Finding]:
    said = {name: value.strip() for name, value in au.attributes.items()}
    move_on = said.get("moveOn", "NotApplicable")
    if move_on not in _MOVE_ON:
        words = f'moveOn must be one of {", ".join(_MOVE_ON)}, not "{move_on}".'
        yield _error("move-on", words, au, "13.1.4")
    elif "moveOn" not in said:
        message = "Without moveOn its value is NotApplicable: satisfied from the beginning."
        yield _warning("move-on", message, au, "13.1.4")
    if said.get("launchMethod", "AnyWindow") not in _LAUNCH_METHODS:
        message = f"launchMethod must be {' or '.join(_LAUNCH_METHODS)}"
        yield _error("launch-method", f'{message}, not "{said["launchMethod"]}".', au, "13.1.4")
    if "activityType" in said and (reason := _no_iri(said["activityType"])):
        message = f'The activityType "{said["activityType"]}" is no absolute IRI: {reason}.'
        yield _error("activity-type", message, au, "13.1.4")
    if "masteryScore" in said:
        yield from _mastery(au, said["masteryScore"])


def _mastery(au: XmlElement, score: str) -> Iterator[Finding]:
    if not _DECIMAL.fullmatch(score) or not 0 <= Decimal(score) <= 1:
        message = f'masteryScore must be a decimal number from 0 to 1, not "{score}".'
        yield _error("mastery-score", message, au, "13.1.4")
    elif len(score.partition(".")[2].rstrip("0")) > _SCORE_PLACES:
        message = f"masteryScore has more than {_SCORE_PLACES} decimals: LMSs may cut it."
        yield _warning("mastery-score", message, au, "13.1.4")


def _url(course: _Course, here: XmlElement) -> Iterator[Finding]:
    """Check the URL that an LMS opens, to which it appends its launch parameters."""
    url = here.text
    if not url:
        yield _error("url", "<url> is empty: nothing to open.", here, "13.1.4")
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        yield _error("url", f'The address "{url}" cannot be read.', here, "13.1.4")
        return
    if bad := _NOT_IN_IRI.search(url):
        message = f'The address "{url}" may not hold {bad[0]!r}.'
        yield _error("url", message, here, "13.1.4")
        return
    asked = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    for name in (one for one in _LAUNCH_PARAMETERS if one in asked):
        message = f'The address has a parameter "{name}" of its own, which the LMS must add.'
        yield _error("query", message, here, "8.1")
    if "#" in url:
        message = "The address has a fragment: an LMS that puts its parameters behind it is lost."
        yield _error("fragment", message, here, "8.1")
    if not parts.scheme:
        yield from _relative(course, here, parts.netloc)
    elif parts.scheme in ("http", "https") and not host:
        yield _error("url", f'The address "{url}" has no host.', here, "13.1.4")


def _relative(course: _Course, here: XmlElement, host: str) -> Iterator[Finding]:
    if course.files is None:
        message = f'"{here.text}" is relative, but there is no package that it could lead into.'
        yield _error("relative", message, here, "14.2")
        return
    try:
        name = resolve(here.text)
    except BadReferenceError:
        name = None
    if host or name is None:
        yield _error("outside", f"{here.text} does not stay inside the package.", here, "14.1")
    elif name not in course.files:
        similar = course.names.similar(name)
        hint = f" {similar[1]}" if similar else ""
        message = f"{name or here.text} is played but is not in the package.{hint}"
        yield _error("absent", message, here, "14.1")


def _reference(course: _Course, here: XmlElement) -> Iterator[Finding]:
    name = here.attributes.get("idref", "").strip()
    if not name:
        yield _error("objective", "<objective> lacks an idref.", here, "13.1.3")
    elif name not in course.objectives:
        yield _error("objective", f'There is no objective "{name}".', here, "13.1.3")


def _languages(words: XmlElement) -> Iterator[Finding]:
    seen: set[str] = set()
    for one in (child for child in words.children if child.local == "langstring"):
        tag = one.attributes.get("lang")
        if tag is None:
            message = "The text does not say its language: <langstring lang=…>."
            yield _warning("language", message, one, "13.1")
        elif (known := normal(tag)) is None or "_" in tag:
            yield _error("language", f'"{tag}" is no language tag (RFC 5646).', one, "13.1")
        elif known in seen:
            yield _warning("language", f'There are two texts in "{tag}".', one, "13.1")
        else:
            seen.add(known)
        if not one.text:
            yield _warning("text", f"The {words.local} is empty.", one, "13.1")
