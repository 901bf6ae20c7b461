"""Pages of a list between positions, which need no row to be counted."""

from collections.abc import Callable
from typing import Any

Fetch = Callable[[int | None, bool, int], list[Any]]


def paginate(
    fetch: Fetch,
    limit: int,
    after: int | None,
    before: int | None,
    position: Callable[[Any], int],
) -> tuple[list[Any], int | None, int | None]:
    """Return the rows of a page, and the positions at which the previous and the next page begin.

    A position before the first row or after the last one gives the first page.
    """
    if before is not None:
        rows = fetch(before, True, limit + 1)
        if len(rows) > limit:
            rows = rows[limit - 1 :: -1]
            return rows, position(rows[0]), position(rows[-1])
        after = None
    rows = fetch(after, False, limit + 1)
    if not rows and after is not None:
        after = None
        rows = fetch(None, False, limit + 1)
    has_more = len(rows) > limit
    rows = rows[:limit]
    return (
        rows,
        position(rows[0]) if after is not None else None,
        position(rows[-1]) if has_more else None,
    )
