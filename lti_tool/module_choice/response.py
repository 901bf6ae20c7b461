"""The page that posts the signed deep-linking response to the platform (Deep Linking 2.0 §4)."""

import time
from collections.abc import Sequence

from werkzeug.wrappers import Response

from lti_tool.lti import deep_linking
from lti_tool.lti.deep_linking import ContentItem, ResourceLinkItem
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.urls import origin
from lti_tool.module_choice.service import Requester
from lti_tool.web.context import tool
from lti_tool.web.pages import render, ui
from lti_tool.web.security import allow_forms


def respond(
    requester: Requester,
    link_settings: DeepLinkingSettings,
    content: Sequence[ContentItem],
    *,
    error: str | None = None,
) -> Response:
    """Return the content items to the platform; none, where the user cancels.

    ``error``: why nothing can be added, which the platform may show.
    """
    note = requester.registration.profile.after_adding
    adds_activity = any(isinstance(item, ResourceLinkItem) for item in content)
    message = ui().gettext(note) if note and adds_activity else None
    token = deep_linking.response_token(
        tool().signing_keys,
        requester.registration,
        requester.deployment_id,
        link_settings,
        content,
        now=time.time(),
        message=message,
        error_message=error,
        error_log="accept_types" if error else None,
    )
    # The platform may redirect to another origin of its own, and browsers check that one too.
    allow_forms(origin(link_settings.return_url) or "", "https:")
    return render(
        "tool/deep_linking_return.html",
        return_url=link_settings.return_url,
        jwt=token,
        platform_name=requester.registration.name,
        message=message,
    )
