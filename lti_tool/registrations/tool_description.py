"""This tool, as it describes itself to platforms: texts, URLs, and the data that it asks for."""

from courseware.i18n import LANGUAGES, interface
from lti_tool.lti import copy_history
from lti_tool.lti.dynamic_registration import DataChoice, ToolDescription, ToolMessage

LOGIN_PATH, LAUNCH_PATH, JWKS_PATH = "/lti/login", "/lti/launch", "/lti/jwks"
_NAME = "Minga"
_MAIN_LANGUAGE = "en"


def describe_tool(
    public_url: str, icon_path: str, *, data: DataChoice | None = None, contact: str | None = None
) -> ToolDescription:
    """The description for a platform. ``data`` is what an administrator allows; None: all."""
    languages = (_MAIN_LANGUAGE, *(tag for tag in LANGUAGES if tag != _MAIN_LANGUAGE))
    translations = {tag: interface(tag).gettext for tag in languages}
    names = dict.fromkeys(languages, _NAME)
    launch = public_url + LAUNCH_PATH
    return ToolDescription(
        public_url=public_url,
        login_uri=public_url + LOGIN_PATH,
        launch_uri=launch,
        jwks_uri=public_url + JWKS_PATH,
        icon_uri=public_url + icon_path,
        names=names,
        descriptions={
            tag: gettext("Learning modules with a discussion.")
            for tag, gettext in translations.items()
        },
        language=_MAIN_LANGUAGE,
        messages=(
            ToolMessage("LtiResourceLinkRequest", launch, names),
            ToolMessage(
                "LtiDeepLinkingRequest",
                launch,
                {tag: gettext("Choose modules") for tag, gettext in translations.items()},
            ),
        ),
        contacts=(contact,) if contact and "@" in contact else (),
        custom_parameters=copy_history.CUSTOM_PARAMETERS,
        data=data or DataChoice(),
    )
