"""Settings of one discussion: the module's author proposes, an instructor of the course decides.

A new setting is one field of :class:`DiscussionSettings`. Only the values that differ from the
defaults are stored, as JSON in ``discussions.settings``, so a later change of the module's
proposals applies wherever an instructor has not decided otherwise.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from courseware.module import DiscussionDefaults

Moderation = Literal["none", "first_post", "reported", "all"]
Groups = Literal["none", "separate", "visible"]


@dataclass(frozen=True, slots=True)
class DiscussionSettings:
    """The settings of a discussion. Instructors are exempt from all limits.

    - ``must_post_first``: a participant sees the posts of others after writing one.
    - ``moderation``: which posts wait for approval: the ``first_post`` of each person, or ``all``.
      With ``reported`` none do, and with ``none`` participants cannot report posts either.
    - ``anonymous``: participants see a pseudonym instead of the author's name.
    - ``count_anonymous``: the participation pages count anonymous posts under their authors' names,
      for instructors. It cannot be switched on after somebody has written anonymously.
    - ``opens_at``, ``closes_at``: nobody reads or writes before, and nobody writes after.
      ``time_zone`` (IANA) is the zone in which they are shown.
    - ``edit_minutes``: how long a participant may edit a post; None for ever, 0 not at all.
    - ``locked``: nobody writes.
    - ``groups``: ``separate`` groups do not see each other's threads, ``visible`` ones only read
      them. ``former_groups`` is the last of these two after groups were switched off: it still
      applies to the threads that groups wrote.
    """

    must_post_first: bool = False
    moderation: Moderation = "reported"
    anonymous: bool = False
    count_anonymous: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    time_zone: str = "UTC"
    edit_minutes: int | None = None
    locked: bool = False
    groups: Groups = "none"
    former_groups: Groups = "none"

    @property
    def reading_of_groups(self) -> Groups:
        """Which rule applies to the threads of groups, also after groups were switched off."""
        return self.former_groups if self.groups == "none" else self.groups

    def remembering_groups(self, before: "DiscussionSettings") -> "DiscussionSettings":
        """Return these settings with ``former_groups`` as they follow from those before."""
        if self.groups != "none":
            return replace(self, former_groups="none")
        return replace(self, former_groups=before.groups) if before.groups != "none" else self


_TYPES = get_type_hints(DiscussionSettings)


def parse(defaults: DiscussionDefaults, stored: str) -> DiscussionSettings:
    """Return the settings that apply; stored values that are not valid are ignored."""
    return _parse(defaults.must_post_first, stored)


@lru_cache(maxsize=1024)
def _parse(must_post_first: bool, stored: str) -> DiscussionSettings:
    values = {"must_post_first": must_post_first}
    return DiscussionSettings(**(values | valid_values(json.loads(stored) if stored else {})))


def valid_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings among values of JSON, without those that are not valid."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in _TYPES:
            try:
                values[name] = _decoded(_TYPES[name], value)
            except (TypeError, ValueError):
                continue
    return values


def serialize(defaults: DiscussionDefaults, settings: DiscussionSettings) -> str:
    """Return the JSON of the values that differ from the defaults; empty if none does."""
    proposed = parse(defaults, "")
    changed = {}
    for field in fields(DiscussionSettings):
        value = getattr(settings, field.name)
        if value != getattr(proposed, field.name):
            changed[field.name] = value.isoformat() if isinstance(value, datetime) else value
    return json.dumps(changed, sort_keys=True) if changed else ""


def keeping_anonymity(chosen: str, other: str) -> str:
    """Return the chosen settings of two discussions that become one, both as they are stored.

    If people wrote under pseudonyms in the other one, they still do. They are counted under their
    names only if they were there.
    """
    values, promised = (json.loads(each) if each else {} for each in (chosen, other))
    if not promised.get("anonymous"):
        return chosen
    anonymous = [each for each in (values, promised) if each.get("anonymous")]
    counted = all(each.get("count_anonymous") for each in anonymous)
    return json.dumps(values | {"anonymous": True, "count_anonymous": counted}, sort_keys=True)


def _decoded(type_: Any, value: Any) -> Any:
    """Return a value of JSON as one of the field's type. Raises ``TypeError`` or ``ValueError``."""
    alternatives = get_args(type_) if get_origin(type_) is not Literal else ()
    if type(None) in alternatives:
        if value is None:
            return None
        (type_,) = (each for each in alternatives if each is not type(None))
    if type_ is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if get_origin(type_) is Literal:
        if value not in get_args(type_):
            raise ValueError("not one of the choices")
        return value
    if type(value) is not type_:
        raise TypeError("another type")
    return value
