"""The pages for users: choose a user, open a course, launch an activity.

There is no login: the query parameters ``as`` and ``in`` have the user and the language.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, redirect, render_template, request

from demo_lms import seed
from demo_lms import vocabulary as lti
from demo_lms.flavours import DESCRIPTIONS
from demo_lms.line_items import delete_line_item
from demo_lms.model import Course, PendingLaunch, ResourceLink, User
from demo_lms.oidc import login_fields, tool_origins
from demo_lms.pns import send_copy_notices
from demo_lms.scores import grade_by_hand, is_grade, points
from demo_lms.sites import LEARNING, SCHOOLS, url_of
from demo_lms.state import PlatformState, origin_of
from demo_lms.web import RequestError, state_of

pages = Blueprint("pages", __name__)

EXPLANATIONS = {
    "login": "Step 1 of a launch: the browser carries this to the tool, which does not know yet "
    "whether to believe it (LTI Core 1.3 §5.1.1).",
    "authentication": "Step 2: the tool sends the browser back to ask who came. It must use the "
    "redirect_uri that it registered, and a nonce that it has not used before.",
    "message": "Step 3: the answer, signed with the platform's key. The tool checks the signature, "
    "the nonce and every claim before it lets anybody in.",
    "deep linking": "The tool's answer to “choose an activity”, signed with the tool's own key "
    "(Deep Linking 2.0 §4.5).",
    "registration": "The tool and the platform tell each other their addresses and keys (Dynamic "
    "Registration 1.0). Nothing is copied manually.",
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
class Viewer:
    """The user who views the page, and the language for launches."""

    user: User
    language: str
    acted_by: str | None = None
    """Handle of the administrator who acts as the user."""

    def link(self, path: str, **more: str) -> str:
        """Return a URL on this platform, for the same viewer."""
        acting = {"acting": "1"} if self.acted_by else {}
        return (
            path + "?" + urlencode({"as": self.user.handle, "in": self.language, **acting, **more})
        )

    @property
    def teaches(self) -> bool:
        """Whether the user may change courses."""
        return bool({lti.INSTRUCTOR, lti.INSTITUTION_ADMINISTRATOR} & set(self.user.roles))


def current_viewer(state: PlatformState) -> Viewer:
    """Return the viewer in the URL; María by default."""
    user = state.users.get(request.args.get("as", "maria")) or state.users["maria"]
    language = request.args.get("in", "")
    acting = state.flavour == "canvas" and bool(request.args.get("acting"))
    return Viewer(
        user,
        language if language in seed.LANGUAGES else user.locale,
        seed.ADMINISTRATOR if acting and user.handle != seed.ADMINISTRATOR else None,
    )


def render_page(template: str, **values: Any) -> str:
    """Render a page with the common context."""
    state = state_of(current_app)
    return render_template(
        template, lms=state, viewer=current_viewer(state), languages=seed.LANGUAGES, **values
    )


def _course(state: PlatformState, course_id: str) -> Course:
    return state.courses.get(course_id) or abort(404, "There is no such course.")


@pages.get("/")
def home() -> Any:
    """Choose a course, a user and a language."""
    return render_page("home.html", flavours=DESCRIPTIONS, schools=SCHOOLS)


@pages.post("/flavour")
def choose_flavour() -> Any:
    """Behave as another LMS, or (``reset``) give the test student of Student View another ID."""
    state = state_of(current_app)
    if request.form.get("reset"):
        state.reset_preview()
        return redirect(f"/?as={seed.PREVIEW}", 303)
    flavour = next((each for each in DESCRIPTIONS if each == request.form.get("flavour")), None)
    if flavour is None:
        raise RequestError(400, "There is no such LMS to choose.")
    state.choose_flavour(flavour)
    return redirect("/", 303)


@pages.get("/start")
def start() -> Any:
    """Redirect to the choice of the start page."""
    state = state_of(current_app)
    viewer = current_viewer(state)
    course = _course(state, request.args.get("course", ""))
    resource_links = state.resource_links_of(course.id)
    path = f"/courses/{course.id}"
    if request.args.get("go") == "activity" and resource_links:
        path += f"/activities/{resource_links[0].id}"
    return redirect(_site(state) + viewer.link(path), 303)


def _site(state: PlatformState) -> str:
    """The site where the course is shown: a school's in Canvas, the course pages in Open edX."""
    school = request.args.get("school", "")
    if state.flavour == "canvas" and school in SCHOOLS:
        return url_of(state.public_url, school)
    return url_of(state.public_url, LEARNING) if state.flavour == "openedx" else ""


@pages.get("/courses/<course_id>")
def course(course_id: str) -> Any:
    """List the activities of a course."""
    state = state_of(current_app)
    course = _course(state, course_id)
    return render_page(
        "course.html",
        course=course,
        resource_links=state.resource_links_of(course.id),
        new=request.args.getlist("new"),
    )


@pages.get("/courses/<course_id>/activities/<resource_link_id>")
def activity(course_id: str, resource_link_id: str) -> Any:
    """Launch an activity: in a frame, or in its own tab (``target=window``)."""
    state = state_of(current_app)
    resource_link = state.resource_links.get(resource_link_id)
    if resource_link is None or resource_link.course_id != course_id or resource_link.is_link:
        abort(404, "There is no such activity.")
    viewer = current_viewer(state)
    new_window = request.args.get("target") == "window"
    if state.flavour == "openedx" and not new_window and not request.args.get("block"):
        return render_page(
            "learning.html",
            course=state.courses[course_id],
            title=resource_link.title,
            block=state.url(viewer.link(request.path, block="1")),
        )
    pending = state.start_launch(
        viewer.user.handle,
        course_id,
        resource_link.client_id,
        resource_link_id=resource_link.id,
        language=viewer.language,
        document_target="window" if new_window else "iframe",
        host=request.host,
        acted_by=viewer.acted_by,
    )
    return _start_in_frame(
        state, pending, resource_link.title, resource_link, new_window=new_window
    )


@pages.get("/courses/<course_id>/external_tools/retrieve")
def retrieve(course_id: str) -> Any:
    """Launch a URL of a tool in the whole window, as the message ``requestFullWindowLaunch`` asks.

    https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_window_post_message
    """
    state = state_of(current_app)
    _course(state, course_id)
    url = request.args.get("url", "")
    tool = state.tools.get(request.args.get("client_id", "")) or state.tool_at(url)
    if (
        state.flavour != "canvas"
        or tool is None
        or origin_of(url) != origin_of(tool.target_link_uri)
    ):
        abort(404, "There is no such tool.")
    viewer = current_viewer(state)
    pending = state.start_launch(
        viewer.user.handle,
        course_id,
        tool.client_id,
        language=viewer.language,
        document_target="window",
        host=request.host,
        acted_by=viewer.acted_by,
        target=url,
        placement=request.args.get("placement") or None,
    )
    return _start_in_frame(state, pending, tool.name, new_window=True)


@pages.get("/courses/<course_id>/add")
def add(course_id: str) -> Any:
    """Add an activity with deep linking."""
    state = state_of(current_app)
    _course(state, course_id)
    viewer = current_viewer(state)
    if not viewer.teaches:
        raise RequestError(403, "Only the instructor adds activities to this course.")
    client_id = request.args.get("tool", "")
    if client_id not in state.tools:
        abort(404, "There is no such tool.")
    pending = state.start_launch(
        viewer.user.handle,
        course_id,
        client_id,
        message_type=lti.DEEP_LINKING,
        language=viewer.language,
        host=request.host,
        acted_by=viewer.acted_by,
    )
    return _start_in_frame(state, pending, "Add an activity")


@pages.get("/courses/<course_id>/review/<item_id>/<subject>")
def review(course_id: str, item_id: str, subject: str) -> Any:
    """Launch a submission review of one user."""
    state = state_of(current_app)
    item = state.line_items.get(item_id)
    viewer = current_viewer(state)
    if item is None or item.course_id != course_id or not item.resource_link_id:
        abort(404, "There is no such work.")
    if not viewer.teaches:
        raise RequestError(403, "Only the instructor reviews what others did.")
    pending = state.start_launch(
        viewer.user.handle,
        course_id,
        item.client_id,
        message_type=lti.SUBMISSION_REVIEW,
        line_item_id=item.id,
        resource_link_id=item.resource_link_id,
        language=viewer.language,
        for_user=subject,
        host=request.host,
    )
    return _start_in_frame(state, pending, item.label)


def _start_in_frame(
    state: PlatformState,
    pending: PendingLaunch,
    title: str,
    resource_link: ResourceLink | None = None,
    *,
    new_window: bool = False,
) -> Any:
    tool = state.tools[pending.client_id]
    fields = login_fields(state, pending)
    state.log_message(
        "login",
        f"{pending.message_type}: the platform asks the tool to start",
        to_tool=True,
        detail=fields,
    )
    if new_window:
        return render_template("post.html", action=tool.login_url, fields=fields)
    return render_page(
        "block.html" if request.args.get("block") else "activity.html",
        course=state.courses[pending.course_id],
        title=title,
        tool=tool,
        fields=fields,
        resource_link=resource_link,
        origins=" ".join(tool_origins(tool)),
        faults=state.faults,
    )


@pages.get("/courses/<course_id>/privacy/<subject>")
def privacy(course_id: str, subject: str) -> Any:
    """Start a data privacy launch for one user."""
    state = state_of(current_app)
    _course(state, course_id)
    viewer = current_viewer(state)
    client_id = request.args.get("tool", "")
    if client_id not in state.tools or state.user_by_subject(subject) is None:
        abort(404, "There is nobody, or no tool, of that name.")
    if lti.INSTITUTION_ADMINISTRATOR not in viewer.user.roles:
        raise RequestError(403, "Only an administrator may ask which personal data is stored.")
    pending = state.start_launch(
        viewer.user.handle,
        course_id,
        client_id,
        message_type=lti.DATA_PRIVACY,
        language=viewer.language,
        for_user=subject,
    )
    return _start_in_frame(state, pending, "What the tool stores")


@pages.post("/courses/<course_id>/copy")
def copy(course_id: str) -> Any:
    """Copy a course, and send notices to the tools."""
    state = state_of(current_app)
    origin = _course(state, course_id)
    viewer = current_viewer(state)
    if not viewer.teaches:
        raise RequestError(403, "Only the instructor copies a course.")
    copied = state.copy_course(origin.id)
    send_copy_notices(state, origin, copied)
    return redirect(viewer.link(f"/courses/{copied.id}"), 303)


@pages.get("/lti/storage")
def storage() -> Any:
    """The page of the storage frame that ``lti_storage_target`` names."""
    state = state_of(current_app)
    tool = state.tools.get(request.args.get("client_id", "")) or abort(404)
    return render_template(
        "storage.html", origins=" ".join(tool_origins(tool)), faults=state.faults
    )


@pages.get("/courses/<course_id>/gradebook")
def gradebook(course_id: str) -> Any:
    """Show line items and scores."""
    state = state_of(current_app)
    course = _course(state, course_id)
    items = [item for item in state.line_items.values() if item.course_id == course.id]
    learners = [p for p in state.members(course) if lti.LEARNER in p.roles]
    return render_page(
        "gradebook.html",
        course=course,
        items=items,
        people=learners,
        is_grade=is_grade,
        points=points,
    )


@pages.post("/courses/<course_id>/gradebook")
def change_gradebook(course_id: str) -> Any:
    """Grade a person by hand (``points``, empty to delete the grade), or ``delete`` a column."""
    state = state_of(current_app)
    course = _course(state, course_id)
    viewer = current_viewer(state)
    if not viewer.teaches:
        raise RequestError(403, "Only the instructor changes the gradebook.")
    form = request.form
    with state.lock:
        item = state.line_items.get(form.get("item", ""))
        if item is None or item.course_id != course.id:
            abort(404, "There is no such column.")
        if form.get("delete"):
            delete_line_item(state, item)
        else:
            grade_by_hand(item, form.get("subject", ""), form.get("points", "").strip())
        state.changed()
    return redirect(viewer.link(f"/courses/{course.id}/gradebook"), 303)


@pages.get("/courses/<course_id>/roster")
def people(course_id: str) -> Any:
    """List the members of a course."""
    state = state_of(current_app)
    course = _course(state, course_id)
    return render_page("roster.html", course=course, people=state.members(course))


@pages.get("/courses/<course_id>/return")
def returned(course_id: str) -> Any:
    """The ``return_url``, with the tool's message or error (LTI Core §5.3.5)."""
    state = state_of(current_app)
    return render_template("returned.html", course=_course(state, course_id), values=request.args)


@pages.get("/mail")
def mail() -> Any:
    """List the mail that tools sent, newest first."""
    return render_page("mail.html", mails=state_of(current_app).mail.all())


@pages.get("/messages")
def messages() -> Any:
    """List all LTI messages, newest first."""
    state = state_of(current_app)
    with state.lock:
        entries = list(reversed(state.log))
    return render_page("messages.html", entries=entries, explanations=EXPLANATIONS)
