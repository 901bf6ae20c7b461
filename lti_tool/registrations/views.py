"""LTI Dynamic Registration for administrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Blueprint, request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from lti_tool.directory import registrations as directory
from lti_tool.lti.dynamic_registration import DataChoice
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.urls import host
from lti_tool.registrations import dynamic_registration
from lti_tool.registrations.changes import Outcome
from lti_tool.registrations.setup_views import setup_page
from lti_tool.registrations.tool_description import describe_tool
from lti_tool.web.assets import asset
from lti_tool.web.context import database, settings, tool
from lti_tool.web.pages import message_page, render, ui
from lti_tool.web.security import allow_frames

blueprint = Blueprint("registrations", __name__)

_WITH_INVITATION, _OPEN = BoundedSemaphore(2), BoundedSemaphore(2)
"""Slots of one process."""
_RETRY_SECONDS = 10

_DATA = {
    "names": N_("Names of those who open an activity"),
    "emails": N_("E-mail addresses, for notices by mail"),
    "roster": N_("The list of participants and groups of a course"),
    "grades": N_("Grades: write them to the gradebook and read them back"),
}
"""The fields of :class:`DataChoice`."""


@blueprint.get("/lti/register", defaults={"code": ""})
@blueprint.get("/lti/register/<code>")
def show(code: str) -> Response:
    """Show an administrator the platform that is about to be registered."""
    allow_frames("*")  # the platform is not known before its configuration is fetched
    if not _may_register(code):
        return _invitation_needed()
    token = request.args.get("registration_token")
    url = request.args.get("openid_configuration")
    if url is None:
        return setup_page(settings().public_url + request.path)
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
        data=[(name, ui().gettext(label)) for name, label in _DATA.items()],
        known=dynamic_registration.known_clients(database(), platform.issuer),
        one_for_each_domain=platform.profile.one_for_each_domain,
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
            tool=describe_tool(
                settings().public_url,
                asset("icon.svg"),
                data=_chosen_data(),
                contact=settings().contact,
            ),
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
    """Limit how many threads wait for servers of platforms; raise 503 if all slots are in use.

    Registrations by invitation have their own slots, so that open ones cannot delay them.
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


def _name(platform: PlatformConfiguration, code: str) -> str:
    name = dynamic_registration.institution_name(database(), platform, code)
    return name or host(platform.issuer) or platform.issuer


def _product(platform: PlatformConfiguration) -> str | None:
    name = platform.profile.display_name or platform.product
    return " ".join(part for part in (name, platform.version) if part) or None


def _chosen_data() -> DataChoice:
    """What the administrator ticked."""
    return DataChoice(**{name: name in request.form for name in _DATA})


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
    elif outcome.status == "paused":
        steps.append(
            gettext(
                "Minga is turned off for your institution: an administrator turns it on again on "
                "the institution's page."
            )
        )
    elif outcome.status == "pending":
        steps.append(
            gettext("An operator of this tool must approve the registration before it can be used.")
        )
    return steps
