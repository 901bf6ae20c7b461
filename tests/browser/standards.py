"""The SCORM versions, with the names and limits that differ between them.

``runtime`` is a strict runtime that sets ``window.lms`` as ``strict_scorm12.js`` does. ``saved``
is the data that was committed last.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.files import support
from tests.support.lms_page import STRICT


@dataclass(frozen=True, slots=True)
class Standard:
    """One SCORM version. ``api`` is the name of the API object; lengths are in UTF-16 units."""

    form: str
    runtime: str
    api: str
    status: str
    state: str
    longest_state: int
    response: str
    longest_response: int
    section: str
    comments: str
    captions: str
    name: str

    def comments_of(self, saved: Mapping[str, str]) -> dict[str, str]:
        """Return the answers among the comments, by question (in SCORM 1.2 by its number)."""
        if self.form == "scorm12":
            entries = re.split(r"(?:^| )• (\d+|…)\.? ?", saved["cmi.comments"])[1:]
            return dict(zip(entries[::2], entries[1::2], strict=True))
        found: dict[str, str] = {}
        for number in range(int(saved["cmi.comments_from_learner._count"])):
            at = f"cmi.comments_from_learner.{number}."
            question = re.sub(r"_\d+$", "", saved[f"{at}location"])
            text = re.sub(r"^\{lang=[\w-]+\}", "", saved[f"{at}comment"])
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.0Z", saved[f"{at}timestamp"])
            found[question] = f"{found.get(question, '')} {text}".strip()
        return found

    def sections_of(self, saved: Mapping[str, str]) -> dict[str, str]:
        """Return the status of each section's objective."""
        numbers = range(int(saved["cmi.objectives._count"]))
        found = [f"cmi.objectives.{number}." for number in numbers]
        assert len({saved[f"{at}id"] for at in found}) == len(found)
        return {saved[f"{at}id"]: saved[at + self.section] for at in found}

    def response_of(self, saved: Mapping[str, str], question: str) -> str:
        """Return the answer in the LMS's report, joined from its numbered interactions."""
        found: dict[str, str] = {}
        for number in range(int(saved["cmi.interactions._count"])):
            at = f"cmi.interactions.{number}."
            found[saved[f"{at}id"]] = saved.get(f"{at}{self.response}", "")
        names = [question, *(f"{question}_{number}" for number in range(2, 99))]
        pieces = [found[name] for name in names if name in found]
        assert all(len(piece) <= self.longest_response for piece in pieces)
        return " ".join(piece for piece in pieces if piece)


SCORM12 = Standard(
    form="scorm12",
    runtime=STRICT,
    api="API",
    status="cmi.core.lesson_status",
    state="cmi.suspend_data",
    longest_state=4096,
    response="student_response",
    longest_response=255,
    section="status",
    comments="comments",
    captions="cmi.student_preference.text",
    name="Araújo, João",
)

SCORM2004 = Standard(
    form="scorm2004-4",
    runtime=support("strict_scorm2004.js"),
    api="API_1484_11",
    status="cmi.completion_status",
    state="cmi.suspend_data",
    longest_state=64000,
    response="learner_response",
    longest_response=4000,
    section="completion_status",
    comments="comments_from_learner",
    captions="cmi.learner_preference.audio_captioning",
    name="Araújo, João",
)

STANDARDS = (SCORM12, SCORM2004)

SAME_PAGES = {"scorm2004-3": SCORM2004.form}
"""Formats whose pages are those of another one: see ``formats/test_scorm2004.py``."""

PLAYED_ALONE = {"website": "test_package_website.py"}
"""Formats that are played without an LMS, with the file that tests their faults."""

WITHOUT_RUNTIME = ("cc11", "cc13", "epub", "print")
"""Formats without a script: they save nothing."""

ODD_VALUES = (
    *("error undefined", "error empty", "error null", "error zero", "error missing"),
    *("error throws", "unset undefined", "unset null", "unset 'null'", "unset 'undefined'"),
    *("unset and error undefined", "yes true", "yes 1", "yes '1'", "yes 'True'"),
)
"""Kinds of LMSs (``odd_lms.js``) that return odd values."""
