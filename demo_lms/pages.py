"""The pages of the demo platform: choose who you are, open a course, launch an activity.

Who is looking, and in which language, stands in the query (``as``, ``in``): there is no login.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, redirect, render_template, request

from demo_lms import seed
from demo_lms import vocabulary as lti
from demo_lms.model import Course, Pending, ResourceLink, User
from demo_lms.notices import tell_of_copy
from demo_lms.oidc import login_fields, tool_origins
from demo_lms.scores import counts, points
from demo_lms.state import State
from demo_lms.web import RequestError, state_of

pages = Blueprint("pages", __name__)

EXPLAINED = {
    "login": "Step 1 of a launch: the browser carries this to the tool, which does not know yet "
    "whether to believe it (LTI Core 1.3 §5.1.1).",
    "authentication": "Step 2: the tool sends the browser back to ask who came. It must use the "
    "redirect_uri that it registered, and a nonce that it has not used before.",
    "message": "Step 3: the answer, signed with the platform's key. The tool checks the signature, "
    "the nonce and every claim before it lets anybody in.",
    "deep linking": "The tool's answer to “choose an activity”, signed with the tool's own key "
    "(Deep Linking 2.0 §4.5).",
    "registration": "The tool and the platform tell each other their addresses and keys (Dynamic "
    "Registration 1.0). Nobody copies anything by hand.",
    "token": "Before it uses a service the tool proves who it is, with a token that it signs, and "
    "gets an access token for an hour.",
    "roster": "Names and Role Provisioning Services 2.0: who is in the course.",
    "line item": "Assignment and Grade Services 2.0: the columns of the gradebook.",
    "groups": "Course Groups 1.0: which groups there are, and who is in them.",
    "notice": "Platform Notification Service 1.0: the platform tells the tool what happened in the "
    "course, with no browser between them.",
    "score": "Assignment and Grade Services 2.0: a score for one person in one column.",
}


@dataclass(frozen=True, slots=True)
class AnonymousUser:
    """Who looks at the page, and in which language they want activities."""

    user: User
    language: str

    def link(self, path: str, **more: str) -> str:
        """An address on this platform, for the same visitor."""
        return path + "?" + urlencode({"as": self.user.handle, "in": self.language, **more})

    @property
    def teaches(self) -> bool:
        """Whether they may change courses."""
        return bool({lti.INSTRUCTOR, lti.INSTITUTION_ADMINISTRATOR} & set(self.user.roles))


def anonymous_user(state: State) -> AnonymousUser:
    """The visitor that the address names; María at first."""
    user = state.people.get(request.args.get("as", "maria")) or state.people["maria"]
    language = request.args.get("in", "")
    return AnonymousUser(user, language if language in seed.LANGUAGES else user.locale)


def shown(template: str, **values: Any) -> str:
    """A page in the platform's frame."""
    state = state_of(current_app)
    return render_template(
        template, lms=state, you=anonymous_user(state), languages=seed.LANGUAGES, **values
    )


def _course(state: State, course_id: str) -> Course:
    return state.courses.get(course_id) or abort(404, "There is no such course.")


@pages.get("/")
def home() -> Any:
    """Choose a course, a person and a language."""
    return shown("home.html")


@pages.get("/start")
def start() -> Any:
    """Go where the first page's form says."""
    state = state_of(current_app)
    you = anonymous_user(state)
    course = _course(state, request.args.get("course", ""))
    placements = state.resource_links_of(course.id)
    path = f"/courses/{course.id}"
    if request.args.get("go") == "activity" and placements:
        path += f"/activities/{placements[0].id}"
    return redirect(you.link(path), 303)


@pages.get("/courses/<course_id>")
def course(course_id: str) -> Any:
    """The activities of a course."""
    state = state_of(current_app)
    found = _course(state, course_id)
    return shown(
        "course.html",
        course=found,
        placements=state.resource_links_of(found.id),
        new=request.args.getlist("new"),
    )


@pages.get("/courses/<course_id>/activities/<placement_id>")
def activity(course_id: str, resource_link_id: str) -> Any:
    """Open an activity: in a frame of this page, or alone in its tab (``target=window``)."""
    state = state_of(current_app)
    resource_link = state.placements.get(resource_link_id)
    if resource_link is None or resource_link.course_id != course_id or resource_link.is_link:
        abort(404, "There is no such activity.")
    you = anonymous_user(state)
    alone = request.args.get("target") == "window"
    pending = state.begin(
        you.user.handle,
        course_id,
        resource_link.client_id,
        resource_link_id=resource_link.id,
        language=you.language,
        document_target="window" if alone else "iframe",
    )
    return _framed(state, pending, resource_link.title, resource_link, alone=alone)


@pages.get("/courses/<course_id>/add")
def add(course_id: str) -> Any:
    """Choose an activity in the tool: deep linking."""
    state = state_of(current_app)
    _course(state, course_id)
    you = anonymous_user(state)
    if not you.teaches:
        raise RequestError(403, "Only the instructor adds activities to this course.")
    client_id = request.args.get("tool", "")
    if client_id not in state.tools:
        abort(404, "There is no such tool.")
    pending = state.begin(
        you.user.handle,
        course_id,
        client_id,
        message_type=lti.DEEP_LINKING,
        language=you.language,
    )
    return _framed(state, pending, "Add an activity")


@pages.get("/courses/<course_id>/review/<item_id>/<subject>")
def review(course_id: str, item_id: str, subject: str) -> Any:
    """Look at one person's work in the tool: a submission review."""
    state = state_of(current_app)
    item = state.line_items.get(item_id)
    you = anonymous_user(state)
    if item is None or item.course_id != course_id or not item.resource_link_id:
        abort(404, "There is no such work.")
    if not you.teaches:
        raise RequestError(403, "Only the instructor reviews what others did.")
    pending = state.begin(
        you.user.handle,
        course_id,
        item.client_id,
        message_type=lti.SUBMISSION_REVIEW,
        resource_link_id=item.resource_link_id,
        language=you.language,
        for_user=subject,
    )
    return _framed(state, pending, item.label)


def _framed(
    state: State,
    pending: Pending,
    title: str,
    resource_link: ResourceLink | None = None,
    *,
    alone: bool = False,
) -> Any:
    tool = state.tools[pending.client_id]
    fields = login_fields(state, pending)
    state.note(
        "login",
        f"{pending.message_type}: the platform asks the tool to start",
        to_tool=True,
        detail=fields,
    )
    if alone:
        return render_template("post.html", action=tool.login_url, fields=fields)
    return shown(
        "activity.html",
        course=state.courses[pending.course_id],
        title=title,
        tool=tool,
        fields=fields,
        resource_link=resource_link,
        origins=" ".join(tool_origins(tool)),
        tricks=state.mischief,
    )


@pages.get("/courses/<course_id>/privacy/<subject>")
def privacy(course_id: str, subject: str) -> Any:
    """Ask a tool what it keeps of somebody: a data privacy launch."""
    state = state_of(current_app)
    _course(state, course_id)
    you = anonymous_user(state)
    client_id = request.args.get("tool", "")
    if client_id not in state.tools or state.user_by_subject(subject) is None:
        abort(404, "There is nobody, or no tool, of that name.")
    if lti.INSTITUTION_ADMINISTRATOR not in you.user.roles:
        raise RequestError(403, "Only the administrator asks what is kept of people.")
    pending = state.begin(
        you.user.handle,
        course_id,
        client_id,
        message_type=lti.DATA_PRIVACY,
        language=you.language,
        for_user=subject,
    )
    return _framed(state, pending, "What the tool keeps")


@pages.post("/courses/<course_id>/copy")
def copy(course_id: str) -> Any:
    """Copy a course, and tell the tools that want to know."""
    state = state_of(current_app)
    origin = _course(state, course_id)
    you = anonymous_user(state)
    if not you.teaches:
        raise RequestError(403, "Only the instructor copies a course.")
    copied = state.copy_course(origin.id)
    tell_of_copy(state, origin, copied)
    return redirect(you.link(f"/courses/{copied.id}"), 303)


@pages.get("/lti/storage")
def storage() -> Any:
    """The frame in which storage lives when ``lti_storage_target`` names one."""
    state = state_of(current_app)
    tool = state.tools.get(request.args.get("client_id", "")) or abort(404)
    return render_template(
        "storage.html", origins=" ".join(tool_origins(tool)), tricks=state.mischief
    )


@pages.get("/courses/<course_id>/gradebook")
def gradebook(course_id: str) -> Any:
    """Line items and scores."""
    state = state_of(current_app)
    found = _course(state, course_id)
    items = [item for item in state.line_items.values() if item.course_id == found.id]
    learners = [p for p in state.roster(found) if lti.LEARNER in p.roles]
    return shown(
        "gradebook.html", course=found, items=items, people=learners, counts=counts, points=points
    )


@pages.get("/courses/<course_id>/roster")
def people(course_id: str) -> Any:
    """Who is in the course, as the roster service tells it."""
    state = state_of(current_app)
    found = _course(state, course_id)
    return shown("roster.html", course=found, people=state.roster(found))


@pages.get("/courses/<course_id>/return")
def returned(course_id: str) -> Any:
    """Where the tool's ``return_url`` leads, with what the tool wants to say (LTI Core §5.3.5)."""
    state = state_of(current_app)
    return render_template("returned.html", course=_course(state, course_id), said=request.args)


@pages.get("/messages")
def messages() -> Any:
    """Every LTI message so far, newest first."""
    state = state_of(current_app)
    with state.lock:
        entries = list(reversed(state.log))
    return shown("messages.html", entries=entries, explained=EXPLAINED)
