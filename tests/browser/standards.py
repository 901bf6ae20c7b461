"""The standards that a package plays in, each with what the tests of all of them must know of it.

``runtime`` is a strict runtime that leaves ``window.lms`` as ``strict_scorm12.js`` does. The
expressions are about ``saved``, what was committed last.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.lms_page import STRICT


@dataclass(frozen=True, slots=True)
class Standard:
    """``api`` and ``prefix`` name the functions; ``broken`` is a runtime that throws at each."""

    form: str
    runtime: str
    api: str
    prefix: str
    status: str
    state: str
    longest_state: int
    response: str
    longest_response: int
    captions: str
    name: str

    def response_of(self, saved: Mapping[str, str], question: str) -> str:
        """Return the answer that the LMS would show a teacher, put together from its pieces."""
        found: dict[str, str] = {}
        for number in range(int(saved["cmi.interactions._count"])):
            at = f"cmi.interactions.{number}."
            found[saved[f"{at}id"]] = saved[f"{at}{self.response}"]
        names = [question, *(f"{question}_{number}" for number in range(2, 99))]
        pieces = [found[name] for name in names if name in found]
        assert all(len(piece) <= self.longest_response for piece in pieces)
        return " ".join(piece for piece in pieces if piece)


SCORM12 = Standard(
    form="scorm12",
    runtime=STRICT,
    api="API",
    prefix="LMS",
    status="cmi.core.lesson_status",
    state="cmi.suspend_data",
    longest_state=4096,
    response="student_response",
    longest_response=255,
    captions="cmi.student_preference.text",
    name="Araújo, João",
)

STANDARDS = (SCORM12,)
