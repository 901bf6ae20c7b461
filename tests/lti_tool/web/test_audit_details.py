"""The log shows what was changed with the labels of the settings, in the reader's language."""

from dataclasses import fields

import pytest
from flask import Flask

from courseware.i18n import interface
from lti_tool.discussion.moderation import log_details as of_discussion
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.features import FEATURES
from lti_tool.gradebook import log_details as of_gradebook
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.institution import log_details as of_institution
from lti_tool.institution.service import POLICIES
from lti_tool.web import audit_details
from lti_tool.web.audit_details import ChangedSettings

DETAILS = {action: each for feature in FEATURES for action, each in feature.details.items()}


@pytest.mark.parametrize(
    ("action", "detail", "shown"),
    [
        (
            "discussion.settings",
            "locked=yes, groups=none",
            "Closed to participants: yes, Groups: No groups",
        ),
        (
            "discussion.settings",
            "former_groups=separate, time_zone=America/La_Paz",
            "Time zone of these dates: America/La_Paz",
        ),
        (
            "discussion.settings",
            "edit_minutes=, opens_at=2026-11-30 08:00:00+00:00",
            "Minutes during which posts can be edited: –, Opens on: Nov 30, 2026, 8:00 AM",
        ),
        (
            "discussion.settings",
            "edit_minutes=1440",
            "Minutes during which posts can be edited: 1,440",
        ),
        (
            "discussion.audience",
            "course",
            "This course",
        ),
        (
            "discussion.audience",
            "Sur-Sur",
            "The exchange “Sur-Sur”",
        ),
        (
            "discussion.mark",
            "highlight",
            "Highlighted",
        ),
        (
            "discussion.hide",
            "locked=yes",
            "locked=yes",
        ),
        (
            "discussion.grade_settings",
            "method=manual, threads=2 (weight 1), sections=all (weight 3)",
            "Grade of the activity: Manually, Posts that start a thread: 2, weight 1, "
            "Sections read: all, weight 3",
        ),
        (
            "discussion.grade",
            "activity=7.5, user=1200",
            "Grade: 7.5, Person: #1200",
        ),
        (
            "institution.policies",
            "name=A, B & C, guests=none, retention_months=None, store_names=False",
            "Name of the institution: A, B & C, Guests: Guests cannot open activities, "
            "Months after the last use of a discussion: –, Store names: no",
        ),
        (
            "registrations.change",
            "status=disabled, scopes=a b",
            "State: Turned off by the operator, scopes: a b",
        ),
        (
            "registrations.deployment",
            "d:1: active",
            "d:1: Active",
        ),
        (
            "exchanges.describe",
            "Uni (A) (initials)",
            "Uni (A): Initials",
        ),
        (
            "exchanges.leave",
            "Sur-Sur (remove)",
            "Sur-Sur: Their texts are removed; the replies of others stay",
        ),
        (
            "people.named",
            "summary=3, 12",
            "Weekly summaries: 3, 12",
        ),
    ],
)
def test_details_in_words(action: str, detail: str, shown: str) -> None:
    app = Flask(__name__)
    audit_details.install(app, DETAILS)
    with app.app_context():
        found = audit_details.in_words(interface("en"), action, detail)
    assert found.replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    "detail", ["", "unknown", "=", "a reason, with=equals", "locked", "2026-99-99 99:99"]
)
def test_other_details_stay_as_they_are(detail: str) -> None:
    assert of_discussion.SETTINGS(interface("en"), detail) == detail


def test_impossible_values_stay_as_they_are() -> None:
    shown = ChangedSettings({})(interface("en"), "opens_at=2026-99-99 99:99, due=1e9")
    assert shown == "opens_at: 2026-99-99 99:99, due: 1e9"


def test_the_language_is_that_of_the_reader() -> None:
    shown = of_discussion.SETTINGS(interface("es"), "locked=yes")
    assert shown.endswith(": sí")
    assert "Closed" not in shown


@pytest.mark.parametrize(
    ("names", "explained"),
    [
        ({each.name for each in fields(DiscussionSettings)}, of_discussion.SETTINGS),
        ({each.name for each in fields(GradeSettings)}, of_gradebook.SETTINGS),
        (set(POLICIES), of_institution.REGISTRATION),
    ],
    ids=["discussion", "grades", "policies"],
)
def test_each_setting_has_a_label(names: set[str], explained: ChangedSettings) -> None:
    assert names <= explained.names.keys() | explained.hidden


def test_only_acts_are_explained() -> None:
    acts = {action for feature in FEATURES for action in feature.acts}
    assert DETAILS.keys() <= acts
