"""Show what the audit log says about an act in the reader's language.

The log stores changed settings as ``name=value`` (``locked=yes, groups=none``), so that an entry
means the same to every reader. Each feature declares how the details of its acts are shown
(``details`` of the ``Feature``); those without a declaration are shown as they are stored.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask, current_app

from courseware.i18n import Interface
from courseware.i18n.marking import N_

Explain = Callable[[Interface, str], str]

_EXTENSION = "minga.details"
_CHANGE = re.compile(r"(?:^|, )([a-z_]+)=")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?")
_COMMON = {
    "yes": N_("yes"), "no": N_("no"), "True": N_("yes"), "False": N_("no"),
}  # fmt: skip
_NOTHING = ("", "None")


def install(app: Flask, details: Mapping[str, Explain]) -> None:
    """Let the details of these actions be explained."""
    app.extensions[_EXTENSION] = dict(details)


def in_words(ui: Interface, action: str, detail: str) -> str:
    """Return the details of an entry in the reader's language."""
    explain: Explain | None = current_app.extensions[_EXTENSION].get(action)
    return explain(ui, detail) if explain is not None and detail else detail


@dataclass(frozen=True, slots=True)
class ChangedSettings:
    """Explains details of the form ``name=value, name=value``.

    ``names``: msgids by name; a setting without one is shown by its name. ``values``: msgids by
    name and value; moments, numbers, yes and no need none. ``hidden``: names that are left out.
    ``ids``: names whose values are numbers of rows. ``other``: explains values of another form;
    returns None for those that it does not know.
    """

    names: Mapping[str, str]
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    other: Callable[[Interface, str], str | None] = lambda _ui, _value: None

    def __call__(self, ui: Interface, detail: str) -> str:
        """Return label and value of each setting."""
        parts = _CHANGE.split(detail)
        if parts[0] or len(parts) < 3:
            return detail
        pairs = zip(parts[1::2], parts[2::2], strict=True)
        shown = [
            f"{ui.gettext(self.names[name]) if name in self.names else name}: "
            f"{self._value(ui, name, value)}"
            for name, value in pairs
            if name not in self.hidden
        ]
        return ", ".join(shown)

    def _value(self, ui: Interface, name: str, value: str) -> str:
        known = self.values.get((name, value)) or _COMMON.get(value)
        if known is not None:
            return ui.gettext(known)
        if value in _NOTHING:
            return "–"
        if name in self.ids:
            return f"#{value}"
        if _MOMENT.match(value):
            return _moment(ui, value)
        if _NUMBER.fullmatch(value):
            return ui.number(float(value) if "." in value else int(value))
        return self.other(ui, value) or value


def _moment(ui: Interface, value: str) -> str:
    try:
        return ui.datetime(datetime.fromisoformat(value))
    except ValueError:
        return value


def chosen(values: Mapping[str, str]) -> Explain:
    """Explain details that are one of some values, given with their msgids."""
    return lambda ui, detail: ui.gettext(values[detail]) if detail in values else detail


def with_choice(values: Mapping[str, str]) -> Explain:
    """Explain details of the form ``anything (value)``, or ``anything: value``."""

    def explain(ui: Interface, detail: str) -> str:
        found = re.fullmatch(r"(.*)(?: \((\w+)\)|: (\w+))", detail)
        value = (found[2] or found[3]) if found else ""
        if not found or value not in values:
            return detail
        return f"{found[1]}: {ui.gettext(values[value])}"

    return explain
