"""What platforms ask of the tool outside a launch: its keys, and to be registered."""

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from courseware.i18n import LANGUAGES, interface
from lti_tool.institution import registering, service
from lti_tool.lti.addresses import host
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.refusal import Refused
from lti_tool.platforms import Reminder, quirks_of
from lti_tool.web.context import database, library, settings, tool
from lti_tool.web.pages import message_page, render, ui
from lti_tool.web.security import allow_frames
from lti_tool.web.static import asset

blueprint = Blueprint("institution", __name__)

_PRODUCTS = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "desire2learn": "Brightspace",
    "blackboardlearn": "Blackboard",
    "sakai": "Sakai",
    "openedx": "Open edX",
}


@blueprint.get("/")
def home() -> Response:
    """The public front page."""
    return render("tool/home.html", modules_total=len(library().modules()))


@blueprint.get("/lti/jwks")
def jwks() -> Response:
    """The tool's public keys."""
    response = jsonify(tool().signing_keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/lti/register", defaults={"code": ""})
@blueprint.get("/lti/register/<code>")
def look(code: str) -> Response:
    """Show an administrator which platform is about to be added."""
    allow_frames("*")  # which platform it is, is only known once it has been asked
    if not _may_register(code):
        return _invitation_needed()
    token = request.args.get("registration_token")
    address = request.args.get("openid_configuration")
    if address is None:
        return _opened_by_hand()
    platform = registering.look_at(tool().outbound, address, token)
    return render(
        "tool/registration.html",
        stage="confirm",
        platform_name=_name(platform),
        issuer=platform.issuer,
        product=_product(platform),
        scopes=_what_it_asks_for(),
        action=request.path,
        fields={"openid_configuration": address, "registration_token": token or ""},
    )


@blueprint.post("/lti/register", defaults={"code": ""})
@blueprint.post("/lti/register/<code>")
def register(code: str) -> Response:
    """Register the tool with the platform and keep what it answered."""
    allow_frames("*")
    if not _take_invitation(code):
        return _invitation_needed()
    try:
        platform = registering.register(
            database(),
            tool().outbound,
            public_url=settings().public_url,
            words=_words(),
            icon=settings().public_url + asset("icon.svg"),
            address=request.form.get("openid_configuration"),
            token=request.form.get("registration_token") or None,
            status="active" if code else "pending",
        )
    except Refused:
        if code:
            service.give_back_invitation(database(), code)
        raise
    steps = _next_steps(platform, pending=not code)
    return render(
        "tool/registration.html",
        stage="done",
        platform_name=_name(platform),
        next_steps=steps,
        # Time to read what to press next, where there is something to press.
        close_after=60 if steps else 2,
    )


def _may_register(code: str) -> bool:
    if not code:
        return settings().registration == "open"
    with database().read() as session:
        return service.invitation(session, code) is not None


def _take_invitation(code: str) -> bool:
    return service.use_invitation(database(), code) if code else _may_register(code)


def _invitation_needed() -> Response:
    words = ui().gettext
    return message_page(
        words("This invitation cannot be used"),
        [words("It was used already, it has expired, or the address is not complete.")],
        advice=words(
            "Ask the operator of this tool for a new registration address; they make it with: "
            "lti-tool invite"
        ),
        status=403,
    )


def _opened_by_hand() -> Response:
    words = ui().gettext
    return message_page(
        words("Paste this address into your platform"),
        [
            words("It is not for opening by hand: your platform opens it and adds what is needed."),
            words(
                "In Moodle: Site administration, Plugins, External tool, Manage tools. In Canvas: "
                "Admin, Apps, Manage, Install a new app, LTI Dynamic Registration."
            ),
        ],
        details=[(words("Address"), settings().public_url + request.path)],
        status=400,
    )


def _name(platform: PlatformConfiguration) -> str:
    return host(platform.issuer) or platform.issuer


def _product(platform: PlatformConfiguration) -> str | None:
    product = quirks_of(issuer=platform.issuer, product=platform.product).product
    name = _PRODUCTS.get(product.lower(), platform.product)
    return " ".join(part for part in (name, platform.version) if part) or None


def _what_it_asks_for() -> list[str]:
    words = ui().gettext
    return [
        words("Who opens a module: their name, e-mail address and role, where you allow it."),
        words("The list of a course's members."),
        words("To write participation into the gradebook, and to read it back."),
    ]


def _next_steps(platform: PlatformConfiguration, *, pending: bool) -> list[str]:
    words = ui().gettext
    told = {
        Reminder.ACTIVATE_TOOL: words(
            "In the list of tools, Minga waits as pending: press Activate."
        ),
        Reminder.SWITCH_ON_IN_COURSE: words(
            "In each course that wants it, an instructor switches it on: Course, More, "
            "LTI External tools, “Show in activity chooser”."
        ),
        Reminder.ENABLE_TOOL: words("Look at the tool's settings and switch it on."),
        Reminder.ADD_DEPLOYMENT: words("Add a deployment for the courses that may use the tool."),
        Reminder.APPROVE_TOOL: words("Add the tool to your site and approve it by its client id."),
    }
    reminders = quirks_of(issuer=platform.issuer, product=platform.product).reminders
    steps = [told[each] for each in reminders]
    if pending:
        steps.append(words("An operator of this tool approves the registration; then it works."))
    return steps


def _words() -> registering.ToolWords:
    """The tool's name and description in each language of the interface, English first."""
    languages = ("en", *(tag for tag in LANGUAGES if tag != "en"))
    each = {tag: interface(tag).gettext for tag in languages}
    return registering.ToolWords(
        names=dict.fromkeys(languages, "Minga"),
        descriptions={
            tag: words("Learning modules with their discussion.") for tag, words in each.items()
        },
        choose={tag: words("Choose modules") for tag, words in each.items()},
    )
