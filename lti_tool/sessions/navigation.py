"""The links in the bar of the module page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, url_for

from courseware.i18n import Interface
from lti_tool.sessions.current import CurrentSession


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link for instructors. ``label`` is a msgid, marked with ``N_``.

    ``for_choosers``: also for others who may choose modules. ``for_everybody``: for all users.
    ``for_administrators``: for administrators of the institution only. ``available``: whether the
    page exists in the request's session. ``count``: a number to show, such as of things that wait;
    not for 0.
    """

    label: str
    endpoint: str
    for_choosers: bool = False
    for_everybody: bool = False
    for_administrators: bool = False
    available: Callable[[], bool] | None = None
    count: Callable[[CurrentSession], int] | None = None


def install(
    app: Flask,
    entries: Sequence[NavigationEntry],
    institution: Sequence[NavigationEntry] = (),
) -> None:
    """Set the links, in the order in which they are shown: of the bar, and of the institution."""
    app.extensions["minga.navigation"] = tuple(entries)
    app.extensions["minga.institution_pages"] = tuple(institution)


def navigation(launch_session: CurrentSession, ui: Interface) -> list[dict[str, Any]]:
    """The links that the user of a session may follow."""
    entries = current_app.extensions["minga.navigation"]
    return [
        _link(entry, launch_session, ui) for entry in entries if _is_shown(entry, launch_session)
    ]


def institution_pages(launch_session: CurrentSession, ui: Interface) -> list[dict[str, Any]]:
    """The links between the pages of the institution."""
    entries = current_app.extensions["minga.institution_pages"]
    return [
        _link(entry, launch_session, ui)
        for entry in entries
        if entry.available is None or entry.available()
    ]


def _is_shown(entry: NavigationEntry, launch_session: CurrentSession) -> bool:
    if entry.available is not None and not entry.available():
        return False
    if entry.for_administrators:
        return launch_session.administrator and launch_session.own_record
    if launch_session.paused:
        return False
    return (
        launch_session.instructor
        or entry.for_everybody
        or (entry.for_choosers and launch_session.may_choose)
    )


def _link(entry: NavigationEntry, launch_session: CurrentSession, ui: Interface) -> dict[str, Any]:
    return {
        "label": ui.gettext(entry.label),
        "href": url_for(entry.endpoint),
        "count": entry.count(launch_session) if entry.count else 0,
    }
