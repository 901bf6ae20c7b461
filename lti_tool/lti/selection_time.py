"""When the content of a resource link was selected, as a custom parameter of the deep-linked item.

A deep-linking request need not name the resource link whose content is selected again (Moodle's
never does), and the same module may be selected again. Only the time tells such a link from the one
before.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

_NAME = "selected"
"""Lower-case letters only: Moodle sends other names twice."""


def parameters(selected_at: datetime) -> dict[str, str]:
    """The custom parameter of an item that is selected now."""
    return {_NAME: selected_at.astimezone(UTC).isoformat(timespec="milliseconds")}


def read_selection_time(custom: Mapping[str, str]) -> datetime | None:
    """The time of the selection; None if the link has none, or no valid one."""
    try:
        selected_at = datetime.fromisoformat(custom.get(_NAME, ""))
        return selected_at.astimezone(UTC) if selected_at.tzinfo else None
    except (ValueError, OverflowError):
        return None
