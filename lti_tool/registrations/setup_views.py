"""Public pages for administrators: how to add the tool to an LMS, its configuration, its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from courseware.i18n import LANGUAGES, Interface
from courseware.languages import endonym
from lti_tool.lti.copy_history import CUSTOM_PARAMETERS
from lti_tool.lti.dynamic_registration import ToolDescription
from lti_tool.lti.platform_profile import SetupSketch
from lti_tool.platforms import PROFILES
from lti_tool.platforms.canvas import CANVAS, developer_key
from lti_tool.registrations.tool_description import describe_tool
from lti_tool.web.assets import asset
from lti_tool.web.context import settings, tool
from lti_tool.web.pages import render, ui

blueprint = Blueprint("setup", __name__)


@dataclass(frozen=True, slots=True)
class Instructions:
    """How to add the tool to one LMS. ``by_url``: with the registration URL, not manually."""

    name: str
    steps: list[str]
    by_url: bool
    notes: list[str]
    sketch: SetupSketch | None
    configuration_url: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value to copy into an LMS."""

    key: str
    label: str
    text: str


@blueprint.get("/")
def home() -> Response:
    """The front page, with the registration URL if anyone may register."""
    is_open = settings().registration == "open"
    return setup_page(_registration_url() if is_open else None, front=True)


@blueprint.get("/lti/jwks")
def jwks() -> Response:
    """The tool's public keys."""
    response = jsonify(tool().signing_keys.jwks())
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/lti/config/canvas.json")
def canvas_configuration() -> Response:
    """The configuration of a developer key in Canvas."""
    return jsonify(developer_key(described_tool()))


def described_tool() -> ToolDescription:
    """The tool, asking for all data that it can use."""
    known = settings()
    return describe_tool(known.public_url, asset("icon.svg"), contact=known.contact)


def setup_page(registration_url: str | None, *, front: bool = False) -> Response:
    """The instructions for each LMS. Without a URL they say where to ask for one."""
    interface, described = ui(), described_tool()
    languages = [(tag, endonym(tag)) for tag in LANGUAGES]
    return render(
        "tool/home.html",
        front=front,
        registration_url=registration_url,
        contact=settings().contact,
        platforms=_instructions(interface, described, registration_url),
        values=_values(interface, described),
        languages=[(tag, name, f"{request.path}?lang={tag}") for tag, name in languages],
    )


def _registration_url() -> str:
    return settings().public_url + url_for("registrations.show")


def _instructions(
    interface: Interface, described: ToolDescription, registration_url: str | None
) -> list[Instructions]:
    gettext = interface.gettext
    urls = {
        "registration": registration_url or "https://…",
        "launch": described.launch_uri,
        "login": described.login_uri,
        "keys": described.jwks_uri,
    }
    found = []
    for profile in PROFILES:
        notes = []
        if profile.one_for_each_domain:
            notes.append(
                gettext(
                    "%(platform)s accepts one registration for each domain of a tool: turn off or "
                    "delete an earlier registration of Minga first.",
                    platform=profile.display_name,
                )
            )
        configuration_url = None
        if profile is CANVAS:
            configuration_url = settings().public_url + url_for("setup.canvas_configuration")
        found.append(
            Instructions(
                name=profile.display_name,
                steps=[gettext(step) for step in (*profile.add_steps, *profile.setup_steps)],
                by_url=profile.dynamic_registration,
                notes=notes,
                sketch=_filled(profile.sketch, urls),
                configuration_url=configuration_url,
            )
        )
    return found


def _filled(sketch: SetupSketch | None, urls: Mapping[str, str]) -> SetupSketch | None:
    if sketch is None:
        return None
    fields = ((label, urls.get(value, value)) for label, value in sketch.fields)
    return replace(sketch, fields=tuple(fields))


def _values(interface: Interface, described: ToolDescription) -> list[Value]:
    gettext = interface.gettext
    custom = "\n".join(f"{name}={value}" for name, value in CUSTOM_PARAMETERS.items())
    return [
        Value("login", gettext("Login URL (initiate login)"), described.login_uri),
        Value("redirect", gettext("Redirect URL"), described.launch_uri),
        Value("target", gettext("Launch URL (target link)"), described.launch_uri),
        Value("deep-linking", gettext("Deep-linking URL"), described.launch_uri),
        Value("keys", gettext("Key set URL (JWKS)"), described.jwks_uri),
        Value("icon", gettext("Icon"), described.icon_uri),
        Value("domain", gettext("Domain"), described.domain),
        Value("custom", gettext("Custom parameters"), custom),
    ]
