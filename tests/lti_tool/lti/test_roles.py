"""Roles by exact terms; each row is a term and what it makes of a person in this course."""

import pytest

from lti_tool.lti.roles import TEST_USER, read_roles
from tests.lti_tool.launch_cases import COURSE, INSTITUTION, SYSTEM


@pytest.mark.parametrize(
    ("term", "makes"),
    [
        (f"{COURSE}#Instructor", "instructor"),
        ("Instructor", "instructor"),
        (f"{COURSE}/Instructor#TeachingAssistant", "instructor"),
        (f"{COURSE}/Instructor#Grader", "instructor"),
        (f"{COURSE}#Learner", "learner"),
        ("Learner", "learner"),
        (f"{COURSE}/Learner#GuestLearner", "learner"),
        (f"{COURSE}/Learner#Instructor", "learner"),
        (f"{COURSE}#ContentDeveloper", "content_developer"),
        (f"{COURSE}/ContentDeveloper#Librarian", "content_developer"),
        (f"{INSTITUTION}#Administrator", "administrator"),
        (f"{SYSTEM}#Administrator", "administrator"),
        (f"{SYSTEM}#SysAdmin", "administrator"),
        (TEST_USER, "test_user"),
        (f"{COURSE}#Administrator", ""),
        ("Administrator", ""),
        (f"{COURSE}#Mentor", ""),
        (f"{COURSE}#Manager", ""),
        (f"{INSTITUTION}#Instructor", ""),
        (f"{INSTITUTION}#Student", ""),
        (f"{SYSTEM}#User", ""),
        (f"{COURSE}/Mentor#Instructor", ""),
        ("TeachingAssistant", ""),
        ("instructor", ""),
        ("", ""),
        ("http://evil.example/membership#Instructor", ""),
        ("urn:lti:role:ims/lis/Instructor", ""),
    ],
)
def test_a_term(term: str, makes: str) -> None:
    roles = read_roles([term])
    flags = ("instructor", "learner", "administrator", "test_user", "content_developer")
    assert [flag for flag in flags if getattr(roles, flag)] == ([makes] if makes else [])
    assert roles.uris == (term,)
