"""What a feature adds to the tool."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from flask import Blueprint
from sqlalchemy.orm import Session

from lti_tool.sessions.navigation import NavigationEntry
from lti_tool.sessions.panels import Panel
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler
from lti_tool.web.audit_details import Explain

Rows = Sequence[Mapping[str, Any]]
"""Rows of an export: values that JSON has, moments, and lists of them."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of data about a person. ``title`` and ``purpose`` are msgids, marked with ``N_``.

    ``purpose`` says what the data are for and how long they are stored. ``export`` returns the rows
    of a user, given by id. Field names have labels in ``personal_data/labels.py``.
    """

    key: str
    title: str
    purpose: str
    export: Callable[[Session, int], Rows]


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text of somebody else in which the name of a person stands, or a quotation.

    ``kind`` is one of ``personal_data.labels.KINDS``; ``row``: the number of the text in its table.
    ``post``: discussion and number of the post, if it is one. ``activity``: where it is, if the LMS
    sent a title. ``excerpt``: the text around the name. ``removed``: erasing the person removes it
    from the text; if False, the text stays as it is.
    """

    kind: str
    row: int
    excerpt: str
    activity: str | None = None
    post: tuple[int, int] | None = None
    removed: bool = False


def _erase_nothing(_session: Session, _user_id: int) -> None:
    pass


def _nothing_named(_session: Session, _user_id: int) -> Sequence[NamedText]:
    return ()


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a feature stores about people. Each of its tables is in one of three mappings.

    - ``tables``: those with data of people, with the key of the category that exports them.
    - ``derived``: those with rows about people that are erased and not exported, with the reason.
    - ``kept``: those that an erasure does not touch, with the reason.

    ``erase`` deletes or blanks what belongs to a user, given by id; it runs in one transaction with
    those of all features, before the user's own row is deleted, and the user's row is locked.
    ``named`` returns texts of others in which a user is named; it takes bounded memory.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[Category, ...] = ()
    erase: Callable[[Session, int], None] = _erase_nothing
    named: Callable[[Session, int], Sequence[NamedText]] = _nothing_named


@dataclass(frozen=True, slots=True)
class Feature:
    """The declaration of a feature; ``features.FEATURES`` lists them all.

    ``session_blueprints`` have their URLs below ``/l/<session_id>/``, ``blueprints`` elsewhere.
    ``navigation`` are links in the bar of the module page. ``models`` names the module that defines
    the feature's tables. ``task_handlers`` gives the handler of each kind of outbox task, ``purge``
    deletes or renews what is out of date; the worker calls it every hour.
    ``after_upgrade`` runs when the tables are up to date, before the tool is served. ``commands``
    are added to ``lti-tool``. ``personal_data`` is what the feature stores about people.
    ``institution_pages`` are links in the menu of the institution's pages, which administrators
    see. ``acts`` are the labels (msgids) of the feature's actions in the audit log; ``details`` say
    how the details of some of them are shown.
    ``panels`` are pieces of HTML on pages of other features.
    """

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    session_blueprints: tuple[Blueprint, ...] = ()
    navigation: tuple[NavigationEntry, ...] = ()
    models: str | None = None
    task_handlers: Callable[[Settings], Mapping[str, Handler]] | None = None
    purge: Callable[[Settings, Database], object] | None = None
    after_upgrade: Callable[[Settings, Database], object] | None = None
    commands: tuple[click.Command, ...] = ()
    personal_data: PersonalData | None = None
    institution_pages: tuple[NavigationEntry, ...] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Explain] = field(default_factory=dict)
    panels: tuple[Panel, ...] = ()
