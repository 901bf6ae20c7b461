"""Which module a resource link shows: the one that the link names, or an instructor's choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from lti_tool.lti.selection_time import read_selection_time

_LINKED_LIMIT = 20
"""Modules of ``linked_before`` and ``linked_again``."""
_COPIED = (
    *("module_id", "module_source", "part", "module_language", "chosen_at"),
    *("linked_module", "linked_before", "linked_again"),
)


@dataclass(frozen=True, slots=True)
class LinkedModule:
    """The module that a resource link names by its URL or custom parameters (``id`` None: none).

    ``exists``: the library has it. ``part`` and ``language``: see ``ResourceLink.part``.
    """

    id: str | None = None
    exists: bool = True
    part: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ShownModule:
    """The module to show, the part of it, and its language for those who have chosen none."""

    id: str | None
    part: str
    language: str | None


class LinkChoice:
    """The choice between what a link names and what is stored of the resource link.

    ``stored`` and ``original`` are rows with the columns of ``ResourceLink`` that ``_COPIED``
    lists, ``stored`` also with ``copied_from_id``. ``original`` is the resource link of which this
    one is a copy, if it was just found.
    """

    def __init__(
        self,
        linked: LinkedModule,
        stored: Row[Any],
        original: Row[Any] | None,
        custom: Mapping[str, str],
    ) -> None:
        self._linked = linked
        self._stored = stored
        self._earlier = original or stored
        self._original = original
        self.selected_at: datetime | None = read_selection_time(custom)

    def link_decides(self) -> bool:
        """Whether the module that the link names applies, and not an earlier instructor's choice.

        A link with the time of its selection is compared by that. Any other link that names another
        module than before was changed in the LMS after that choice, unless there are several links
        with this ID, which name their modules in turn.
        """
        module, earlier = self._linked.id, self._earlier
        if module is None:
            return False
        if earlier.module_source != "instructor":
            return True
        if not self._linked.exists:
            return False
        if self.selected_at is not None:
            return earlier.chosen_at is None or bool(earlier.chosen_at < self.selected_at)
        return earlier.linked_module not in (module, "") and module not in _ids(
            earlier.linked_again
        )

    def shown(self) -> ShownModule:
        """The module to show: named by the link, chosen by an instructor, or stored before.

        In a deep-linking request: the one to mark as selected.
        """
        if self.link_decides():
            return ShownModule(self._linked.id, self._linked.part, self._linked.language)
        earlier = self._earlier
        return ShownModule(earlier.module_id, earlier.part or "", earlier.module_language)

    def values(self) -> dict[str, Any]:
        """The columns of the resource link that the choice sets."""
        values: dict[str, Any] = {}
        if self.link_decides():
            shown = self.shown()
            values = {
                "module_id": shown.id,
                "module_source": "link",
                "part": shown.part,
                "module_language": shown.language,
                "copied_from_id": self._copied_from(),
            }
        elif self._original is not None:
            values = {name: getattr(self._original, name) for name in _COPIED}
            values["copied_from_id"] = self._original.id
        return values | self._linked_modules()

    def _copied_from(self) -> int | None:
        """The original, where the link itself names the module that the original shows."""
        if self._earlier.module_id != self._linked.id:
            return None
        original = self._original
        found: int | None = self._stored.copied_from_id if original is None else original.id
        return found

    def _linked_modules(self) -> dict[str, str]:
        """The columns with the modules that the resource link has named."""
        module, earlier = self._linked.id, self._earlier
        if module is None or not self._linked.exists or module == earlier.linked_module:
            return {}
        if not earlier.linked_module:
            return {"linked_module": module}
        before, again = _ids(earlier.linked_before), _ids(earlier.linked_again)
        if module in before:
            again = [*dict.fromkeys([module, earlier.linked_module, *again])]
        before = [each for each in (earlier.linked_module, *before) if each != module]
        return {
            "linked_module": module,
            "linked_before": " ".join(before[:_LINKED_LIMIT]),
            "linked_again": " ".join(again[:_LINKED_LIMIT]),
        }


def _ids(text: str | None) -> list[str]:
    return (text or "").split()
