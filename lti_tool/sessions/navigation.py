"""The links in the bar of the module page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for

from courseware.i18n import Interface
from lti_tool.sessions.current import CurrentSession


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link for instructors. ``label`` is a msgid, marked with ``N_``.

    ``for_choosers``: also for others who may choose modules.
    """

    label: str
    endpoint: str
    for_choosers: bool = False


def install(app: Flask, entries: Sequence[NavigationEntry]) -> None:
    """Set the links, in the order in which they are shown."""
    app.extensions["minga.navigation"] = tuple(entries)


def navigation(launch_session: CurrentSession, ui: Interface) -> list[dict[str, Any]]:
    """The links that the user of a session may follow."""
    return [
        {"label": ui.gettext(entry.label), "href": url_for(entry.endpoint)}
        for entry in current_app.extensions["minga.navigation"]
        if launch_session.instructor or (entry.for_choosers and launch_session.may_choose)
    ]
