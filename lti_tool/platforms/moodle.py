"""Moodle, checked against Moodle 4.5.6 and 5.1.3. https://docs.moodle.org/405/en/LTI_and_Moodle.

Facts that no field of the profile expresses, both versions:

- ``$Context.id.history`` is substituted by the courses that the course was restored from, latest
  first. ``$ResourceLink.id.history`` is not: its name arrives (mod/lti/locallib.php).
- A restored activity keeps its URL and custom parameters under a new resource link ID.
- A deep-linking request names no resource link, also when the content of an existing activity is
  selected again.
- A deep-linked item's custom parameters are shown to instructors in the activity's settings.
- An activity of a tool that was deleted keeps its ``typeid`` and says so; its settings offer no
  other tool. A duplicate of it has none (``typeid`` 0), and Moodle finds its tool by a registered
  URL with which the activity's begins (``lti_get_best_tool_by_url``).
- A restored course has copies of the line items: their ``resourceId`` names the original's link,
  their ``resourceLinkId`` the new one.
- A grade that was emptied in the gradebook stays overridden: a score is answered with 200, and not
  shown.
- ``lti.frameResize`` is ignored: the frame ends at the lower edge of the window.
- Where a browser blocks third-party cookies (Chromium, seen here), localStorage and IndexedDB are
  denied in the frame; the partitioned cookie works.
"""

import re

from courseware.i18n.marking import N_
from lti_tool.lti.launch import Launch
from lti_tool.lti.platform_profile import PlatformProfile, SetupSketch
from lti_tool.lti.service_log import GRADES, ROSTER

_CURLY_QUOTES = ("“", "”", "\xe2\x80\x9c", "\xe2\x80\x9d")
"""As characters, and as their UTF-8 bytes, which HTTP clients read as Latin-1."""


def repair_link_header(header: str) -> str:
    """The header of the line items has curly quotes, and ``&amp;`` in its URL.

    mod/lti/service/gradebookservices/classes/local/resources/lineitems.php
    """
    for quote in _CURLY_QUOTES:
        header = header.replace(quote, '"')
    return header.replace("&amp;", "&")


_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#039": "'", "#39": "'"}
_ENTITY = re.compile("&(" + "|".join(_ENTITIES) + ");")


def decode_name(name: str) -> str:
    """Decode once what PHP's ``htmlspecialchars`` encodes: names arrive as ``O&#039;Neill``.

    https://tracker.moodle.org/browse/MDL-80188
    """
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], name)


def refusal_reason(status: int, body: str) -> str | None:
    """A score for a person who is not gradable in the course, such as after a reset.

    An invalid score, which this tool does not send, is refused alike. Other refusals have a body:
    mod/lti/service/gradebookservices/classes/local/resources/scores.php.
    """
    return "not_a_learner" if status == 400 and body.strip() == "[]" else None


def activity_url(launch: Launch) -> str | None:
    """``view.php?l=…`` of the instance, whose ID is the resource link's.

    The return URL begins with the site's own URL, which may have a path: mod/lti/view.php and
    mod/lti/locallib.php, lti_build_standard_message.
    """
    site, found, _ = (launch.presentation.return_url or "").partition("/mod/lti/")
    site = site if found else launch.issuer.rstrip("/")
    link = launch.resource_link
    if link is None or not link.id.isascii() or not link.id.isdigit():
        return None
    return f"{site}/mod/lti/view.php?l={link.id}"


MOODLE = PlatformProfile(
    product="moodle",
    display_name="Moodle",
    activity_url=activity_url,
    decode_name=decode_name,
    # A score without scoreGiven, or with gradingProgress Pending, sets the grade to none:
    # mod/lti/service/gradebookservices/classes/local/service/gradebookservices.php, save_grade.
    progress_clears_grade=True,
    # Launches ask for mod/lti:manage, which non-editing teachers have; the roster asks for
    # moodle/course:manageactivities, which they lack: lti_get_ims_role in mod/lti/locallib.php,
    # mod/lti/service/memberships/classes/local/service/memberships.php.
    roster_lacks_instructors=True,
    refusal_reason=refusal_reason,
    repair_link_header=repair_link_header,
    sketch=SetupSketch(
        ("Site administration", "Plugins", "External tool", "Manage tools"),
        (("Tool URL…", "registration"),),
        "Add LTI Advantage",
    ),
    add_steps=(
        N_("Open Site administration, Plugins, Activity modules, External tool, Manage tools."),
        N_("Paste the registration URL into “Tool URL” and select “Add LTI Advantage”."),
        N_("A page of Minga opens in a frame: select “Register Minga”."),
    ),
    # A tool that registers itself is pending, and then hidden from the activity chooser:
    # https://docs.moodle.org/405/en/External_tool_settings.
    setup_steps=(
        N_("In the list of tools, Minga is marked “Pending”: select “Activate”."),
        N_(
            "In each course that needs it, an instructor turns it on: Course, More, LTI "
            "External tools, “Show in activity chooser”."
        ),
    ),
    placements={"LtiDeepLinkingRequest": ("ContentArea",)},
    service_settings={
        GRADES: N_(
            "In the settings of the tool: Services, IMS LTI Assignment and Grade Services, “Use "
            "this service for grade sync and column management”."
        ),
        ROSTER: N_(
            "In the settings of the tool: Services, IMS LTI Names and Role Provisioning, “Use this "
            "service to retrieve members' information as per privacy settings”."
        ),
    },
)
