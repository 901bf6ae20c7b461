"""Interpret roles by exact terms of the LTI vocabulary (LTI Core 1.3, appendix A.2).

https://www.imsglobal.org/spec/lti/v1p3/#role-vocabularies

- A context role is a term of ``…/lis/v2/membership#``, one of its sub-roles
  (``…/membership/Instructor#TeachingAssistant``), or the short name of a term of the first kind
  (A.2.3.1: short names are valid for context roles only).
- Institution and system roles give no rights in a course: a lecturer of the university may be a
  student of this course.
- ``Instructor`` includes its sub-roles. It does not include ContentDeveloper, Manager, Mentor or
  the course Administrator: the vocabulary gives them principal roles of their own.
- Unknown terms are kept in ``uris`` and give no role: ``http://evil.example/membership#Instructor``
  is not an instructor, and ``…/membership/Learner#Instructor`` is a learner.
"""

import re
from collections.abc import Iterable

from lti_tool.lti.launch import Roles

_COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
"""The test user of a preview (LTI Core 1.3 A.2.4)."""


def _terms(role: str, sub_roles: str) -> frozenset[str]:
    principal = {role, f"{_COURSE}#{role}"}
    return frozenset(principal | {f"{_COURSE}/{role}#{name}" for name in sub_roles.split()})


_MENTOR = re.compile(rf"Mentor|{re.escape(_COURSE)}(#Mentor|/Mentor#[A-Za-z]+)")


INSTRUCTOR = _terms(
    "Instructor",
    "ExternalInstructor Grader GuestInstructor Lecturer PrimaryInstructor SecondaryInstructor "
    "TeachingAssistant TeachingAssistantGroup TeachingAssistantOffering TeachingAssistantSection "
    "TeachingAssistantSectionAssociation TeachingAssistantTemplate",
)
LEARNER = _terms("Learner", "ExternalLearner GuestLearner Instructor Learner NonCreditLearner")
CONTENT_DEVELOPER = _terms(
    "ContentDeveloper",
    "ContentDeveloper ContentExpert ExternalContentExpert Librarian",
)
ADMINISTRATOR = frozenset(
    {
        f"{_INSTITUTION}Administrator",
        f"{_SYSTEM}Administrator",
        f"{_SYSTEM}AccountAdmin",
        f"{_SYSTEM}SysAdmin",
    }
)


def read_roles(uris: Iterable[str]) -> Roles:
    """The roles that a list of terms gives."""
    received = tuple(uris)
    terms = frozenset(received)
    return Roles(
        uris=received,
        instructor=not terms.isdisjoint(INSTRUCTOR),
        learner=not terms.isdisjoint(LEARNER),
        administrator=not terms.isdisjoint(ADMINISTRATOR),
        test_user=TEST_USER in terms,
        content_developer=not terms.isdisjoint(CONTENT_DEVELOPER),
    )


INSTRUCTOR_ROLE, LEARNER_ROLE, TEST_ROLE, OTHER_ROLE = "instructor", "learner", "test", "other"
ROLES = (TEST_ROLE, INSTRUCTOR_ROLE, LEARNER_ROLE, OTHER_ROLE)
"""The role of a membership, from the highest to the lowest."""


def highest_role(roles: Roles) -> str:
    """The one role by which a member is counted: one of ``ROLES``.

    A member who is both an instructor and a learner is an instructor. Observers (``Mentor``),
    course designers and unknown roles are neither.
    """
    if roles.test_user:
        return TEST_ROLE
    if roles.instructor:
        return INSTRUCTOR_ROLE
    return LEARNER_ROLE if roles.learner else OTHER_ROLE


def is_observer(uris: Iterable[str]) -> bool:
    """Whether somebody follows a course as an observer (``Mentor``) and has no other role in it."""
    roles = [uri for uri in uris if is_context_role(uri)]
    return bool(roles) and all(_MENTOR.fullmatch(uri) for uri in roles)


def is_context_role(uri: str) -> bool:
    """Whether a term can be a role in a course: it is not of the institution or the system."""
    return not uri.startswith((_INSTITUTION, _SYSTEM))
