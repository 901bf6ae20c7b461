"""The front page, the tool's key set, and LTI Dynamic Registration for administrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from courseware.i18n import LANGUAGES, interface
from lti_tool.directory import registrations as directory
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.urls import host
from lti_tool.registrations import dynamic_registration
from lti_tool.registrations.changes import Outcome
from lti_tool.web.assets import asset
from lti_tool.web.context import database, library, settings, tool
from lti_tool.web.pages import message_page, render, ui
from lti_tool.web.security import allow_frames

blueprint = Blueprint("registrations", __name__)

_WITH_INVITATION, _OPEN = BoundedSemaphore(2), BoundedSemaphore(2)
"""Slots of one process."""
_RETRY_SECONDS = 10


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
    """Show an administrator the platform that is about to be registered."""
    allow_frames("*")  # the platform is not known before its configuration is fetched
    if not _may_register(code):
        return _invitation_needed()
    token = request.args.get("registration_token")
    url = request.args.get("openid_configuration")
    if url is None:
        return _opened_directly()
    with _slot(code):
        platform = dynamic_registration.fetch_platform(
            database(), tool().http_client, url=url, token=token, code=code
        )
    return render(
        "tool/registration.html",
        stage="confirm",
        platform_name=_name(platform, code),
        issuer=platform.issuer,
        product=_product(platform),
        scopes=_requested_data(),
        action=request.path,
        fields={"openid_configuration": url, "registration_token": token or ""},
    )


@blueprint.post("/lti/register", defaults={"code": ""})
@blueprint.post("/lti/register/<code>")
def register(code: str) -> Response:
    """Register the tool with the platform and store the registration."""
    allow_frames("*")
    if not _may_register(code):
        return _invitation_needed()
    with _slot(code):
        platform, outcome = dynamic_registration.register(
            database(),
            tool().http_client,
            public_url=settings().public_url,
            texts=_texts(),
            icon=settings().public_url + asset("icon.svg"),
            url=request.form.get("openid_configuration"),
            token=request.form.get("registration_token") or None,
            code=code,
        )
    steps = _next_steps(platform, outcome)
    return render(
        "tool/registration.html",
        stage="waits" if outcome.waits else "done",
        platform_name=_name(platform, code),
        next_steps=steps,
        # Seconds to read the next steps, if there are any.
        close_after=60 if steps else 2,
    )


@contextmanager
def _slot(code: str) -> Iterator[None]:
    """Bound how many threads wait for the servers of platforms; raise 503 when all slots are taken.

    Registrations by invitation have their own slots, so that open ones cannot keep them waiting.
    """
    slots = _WITH_INVITATION if code else _OPEN
    if not slots.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=_RETRY_SECONDS)
    try:
        yield
    finally:
        slots.release()


def _may_register(code: str) -> bool:
    if not code:
        return settings().registration == "open"
    with database().read() as session:
        return directory.invitation(session, code) is not None


def _invitation_needed() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("This invitation cannot be used"),
        [gettext("It has already been used, it has expired, or the URL is incomplete.")],
        advice=gettext(
            "Ask the operator of this tool for a new registration URL. They create it with: "
            "lti-tool invite"
        ),
        status=403,
    )


def _opened_directly() -> Response:
    gettext = ui().gettext
    return message_page(
        gettext("Paste this URL into your platform"),
        [
            gettext(
                "It is not meant to be opened directly: your platform opens it and adds what is "
                "needed."
            ),
            gettext(
                "In Moodle: Site administration, Plugins, External tool, Manage tools. In Canvas: "
                "Admin, Apps, Manage, Install a new app, LTI Dynamic Registration."
            ),
        ],
        details=[(gettext("URL"), settings().public_url + request.path)],
        status=400,
    )


def _name(platform: PlatformConfiguration, code: str) -> str:
    name = dynamic_registration.institution_name(database(), platform, code)
    return name or host(platform.issuer) or platform.issuer


def _product(platform: PlatformConfiguration) -> str | None:
    name = platform.profile.display_name or platform.product
    return " ".join(part for part in (name, platform.version) if part) or None


def _requested_data() -> list[str]:
    gettext = ui().gettext
    return [
        gettext(
            "The name, e-mail address and role of each person who opens a module, where you "
            "allow it."
        ),
        gettext("The list of a course's members."),
        gettext("Write participation grades to the gradebook, and read them back."),
    ]


def _next_steps(platform: PlatformConfiguration, outcome: Outcome) -> list[str]:
    gettext = ui().gettext
    # A tool that the platform has already is updated there, and needs no setup again.
    setup = () if outcome.known else platform.profile.setup_steps
    steps = [gettext(step) for step in setup]
    if outcome.waits:
        steps.append(
            gettext(
                "Ask the operator of this tool to confirm the change; they find it with: "
                "lti-tool registrations changes"
            )
        )
    elif outcome.status == "disabled":
        steps.append(
            gettext(
                "The operator of this tool has turned this registration off; ask them to turn "
                "it on again."
            )
        )
    elif outcome.status == "pending":
        steps.append(
            gettext("An operator of this tool must approve the registration before it can be used.")
        )
    return steps


def _texts() -> dynamic_registration.ToolTexts:
    """The tool's name and description in each language of the interface, English first."""
    languages = ("en", *(tag for tag in LANGUAGES if tag != "en"))
    translations = {tag: interface(tag).gettext for tag in languages}
    return dynamic_registration.ToolTexts(
        names=dict.fromkeys(languages, "Minga"),
        descriptions={
            tag: gettext("Learning modules with a discussion.")
            for tag, gettext in translations.items()
        },
        choose={tag: gettext("Choose modules") for tag, gettext in translations.items()},
    )
