"""What a feature adds to the tool."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import click
from flask import Blueprint

from lti_tool.sessions.navigation import NavigationEntry
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler


@dataclass(frozen=True, slots=True)
class Feature:
    """The declaration of a feature; ``features.FEATURES`` lists them all.

    ``session_blueprints`` have their URLs below ``/l/<session_id>/``, ``blueprints`` elsewhere.
    ``navigation`` are links in the bar of the module page. ``models`` names the module that defines
    the feature's tables. ``task_handlers`` gives the handler of each kind of outbox task, ``purge``
    deletes or renews what is out of date; the worker calls it every hour. ``commands`` are added to
    ``lti-tool``.
    """

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    session_blueprints: tuple[Blueprint, ...] = ()
    navigation: tuple[NavigationEntry, ...] = ()
    models: str | None = None
    task_handlers: Callable[[Settings], Mapping[str, Handler]] | None = None
    purge: Callable[[Settings, Database], object] | None = None
    commands: tuple[click.Command, ...] = ()
