"""Moodle, checked against Moodle 4.5.6. https://docs.moodle.org/405/en/LTI_and_Moodle."""

import re

from lti_tool.lti.platform_profile import PlatformProfile
from lti_tool.platforms.marking import N_

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


MOODLE = PlatformProfile(
    product="moodle",
    display_name="Moodle",
    decode_name=decode_name,
    # A score without scoreGiven, or with gradingProgress Pending, sets the grade to none:
    # mod/lti/service/gradebookservices/classes/local/service/gradebookservices.php, save_grade.
    progress_clears_grade=True,
    repair_link_header=repair_link_header,
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
)
