"""Views for some users of a launch session only."""

from collections.abc import Callable

import pytest
from flask import Flask, g
from werkzeug.wrappers import Response

from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.guards import administrator_required, chooser_required, instructor_required
from lti_tool.web import pages


class Session:
    path = "/l/a/"
    own_record = True
    may_choose = CurrentSession.may_choose

    def __init__(self, roles: set[str], *, deep_linking: bool) -> None:
        self.instructor = "instructor" in roles
        self.administrator = "administrator" in roles
        self.content_developer = "content developer" in roles
        self.is_deep_linking = deep_linking


INSTRUCTOR, ADMINISTRATOR, BOTH = {"instructor"}, {"administrator"}, {"instructor", "administrator"}
DESIGNER = {"content developer"}


@pytest.mark.parametrize(
    ("guard", "deep_linking", "allowed"),
    [
        (instructor_required, False, [INSTRUCTOR, BOTH]),
        (instructor_required, True, [INSTRUCTOR, BOTH]),
        (administrator_required, False, [ADMINISTRATOR, BOTH]),
        (administrator_required, True, [ADMINISTRATOR, BOTH]),
        (chooser_required, False, [INSTRUCTOR, BOTH, DESIGNER]),
        (chooser_required, True, [INSTRUCTOR, ADMINISTRATOR, BOTH, DESIGNER]),
    ],
)
def test_a_guard_admits_these_roles(
    guard: Callable, deep_linking: bool, allowed: list[set[str]]
) -> None:
    app = Flask(__name__)
    pages.install(app)

    @guard("Only some may.")
    def view(number: int) -> Response:
        return Response(f"number {number}")

    for roles in (set(), INSTRUCTOR, ADMINISTRATOR, BOTH, DESIGNER):
        with app.test_request_context("/"):
            g.launch_session = Session(roles, deep_linking=deep_linking)
            response = view(number=7)
            if roles in allowed:
                assert response.get_data(as_text=True) == "number 7"
            else:
                assert response.status_code == 403
                assert "Only some may." in response.get_data(as_text=True)
                assert ('href="/l/a/"' in response.get_data(as_text=True)) is not deep_linking
