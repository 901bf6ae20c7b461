"""What features add to pages of other features: pieces of HTML at a named place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, current_app
from sqlalchemy import Connection

Place = Literal["module", "participant"]
"""``module``: above the module, for everyone. ``participant``: on an instructor's page about one
person."""

PanelContext = Callable[[Connection, int | None], Mapping[str, Any] | None]
"""From the connection of the request and the person (on ``participant``) to the template's context;
None for no panel. The session and module are those of the request."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A template, which finds its context as ``panel``."""

    place: Place
    template: str
    context: PanelContext


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel on the page of a request."""

    template: str
    context: Mapping[str, Any]


def install(app: Flask, panels: Sequence[Panel]) -> None:
    """Set the panels, in the order in which they are shown."""
    app.extensions["minga.panels"] = tuple(panels)


def panels_at(place: Place, connection: Connection, user_id: int | None = None) -> list[ShownPanel]:
    """Return the panels of a place for the present request."""
    shown = []
    for panel in current_app.extensions["minga.panels"]:
        context = panel.context(connection, user_id) if panel.place == place else None
        if context is not None:
            shown.append(ShownPanel(panel.template, context))
    return shown
