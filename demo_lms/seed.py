"""Users and courses of a new platform. All are invented."""

from demo_lms import vocabulary as lti
from demo_lms.model import Course, User

ADMINISTRATOR, PREVIEW = "akua", "preview"
"""Handles of the administrator, and of the test user of Student View."""

LANGUAGES = {
    "es": "Español",
    "en": "English",
    "fr": "Français",
    "pt": "Português",
    "ar": "العربية",
}


def users() -> dict[str, User]:
    """An instructor, three participants, an anonymous user and an administrator."""
    learner = (lti.LEARNER,)
    everyone = (
        User("maria", "p-7301", "María", "Núñez", "maria.nunez@example.org",
               (lti.INSTRUCTOR,), "es", "Instructor"),
        User("joao", "p-7302", "João", "Araújo", "joao.araujo@example.org",
               learner, "pt", "Participant"),
        User("amina", "p-7303", "أمينة", "السعدي", "amina.alsaadi@example.org",
               learner, "ar", "Participant"),
        User("devika", "p-7304", "ദേവിക", "നായർ", "devika.nair@example.org",
               learner, "en", "Participant"),
        User("visitor", None, "", "", "", learner, "fr", "Anonymous: launched without a name"),
        User(ADMINISTRATOR, "p-7300", "Akua", "Mensah", "akua.mensah@example.org",
               (lti.INSTITUTION_ADMINISTRATOR, lti.SYSTEM_ADMINISTRATOR), "en",
               "Administrator of the institution"),
    )  # fmt: skip
    return {user.handle: user for user in everyone}


def preview(subject: str) -> User:
    """The test user of Canvas' Student View, who is in no course."""
    return User(
        PREVIEW, subject, "Test", "Student", "", (lti.LEARNER, lti.TEST_USER), "en",
        "Student View: how an instructor previews the course",
    )  # fmt: skip


def courses() -> dict[str, Course]:
    """Two courses with the same members, to test that courses are separated."""
    members = ["maria", "joao", "amina", "devika"]
    both = (
        Course("coop-101", "COOP 101", "Cooperación Sur-Sur y desarrollo local", "es", [*members]),
        Course("sse-201", "SSE 201", "Social and solidarity economy «in practice»", "en",
               [*members]),
    )  # fmt: skip
    return {course.id: course for course in both}
