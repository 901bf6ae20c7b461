"""The query parameters of the discussion: filters, order, page, and the composer's target.

Every view has its own URL, so it can be bookmarked, shared and navigated back to:

- ``posts``: languages separated by commas (``es,fr``; ``und`` for unknown ones), or ``all``.
  Without it, the languages that the reader asked to remember apply.
- ``on``: a question id. ``by``: ``me``, ``staff`` or a user id. ``unanswered``: ``1``.
- ``group``: a group's id; 0 for the threads that are for everybody.
- ``sort``: ``newest`` or ``oldest`` instead of the newest activity.
- ``after``, ``before``: the position at which the page begins or ends.
- ``question``, ``reply_to``: what the composer is for.
- ``translated``: ids of posts whose translation is shown. ``untranslated``: one that failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast
from urllib.parse import urlencode

from lti_tool.discussion import languages
from lti_tool.discussion.queries import EVERYTHING, Filters
from lti_tool.discussion.selects import Order

ALL_LANGUAGES = "all"
MAX_LANGUAGES = 8
"""Languages that one filter can have."""
MAX_TRANSLATED = 50
"""Translated posts that one URL can name."""
_MAX_DIGITS = 9
_ORDERS = ("activity", "newest", "oldest")
_MAX_QUESTION = 64


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The parsed parameters; None for missing and invalid values.

    ``remembered``: the reader's own languages, which apply where the URL names none.
    """

    filters: Filters = EVERYTHING
    after: int | None = None
    before: int | None = None
    question: str | None = None
    reply_to: int | None = None
    group: int | None = None
    remembered: tuple[str, ...] = ()
    translated: tuple[int, ...] = ()
    untranslated: int | None = None

    def arguments(self, filters: Filters | None = None, **page: int | None) -> dict[str, str]:
        """Return the URL parameters of a page of the list, with other filters if they are given."""
        shown = self.filters if filters is None else filters
        found: dict[str, str] = {}
        if shown.languages != self.remembered:
            found["posts"] = ",".join(shown.languages) or ALL_LANGUAGES
        if shown.question is not None:
            found["on"] = shown.question
        if shown.mine or shown.staff or shown.author is not None:
            found["by"] = "me" if shown.mine else "staff" if shown.staff else str(shown.author)
        if self.group is not None:
            found["group"] = str(self.group)
        if shown.unanswered:
            found["unanswered"] = "1"
        if shown.order != "activity":
            found["sort"] = shown.order
        return found | {name: str(value) for name, value in page.items() if value is not None}


def page_query(values: Mapping[str, str], remembered: str = "") -> PageQuery:
    """Parse the query parameters of a URL, or the fields of a form."""
    by, order = values.get("by"), values.get("sort")
    own = parse_languages(remembered)
    filters = Filters(
        languages=parse_languages(values["posts"]) if "posts" in values else own,
        question=(values.get("on") or "")[:_MAX_QUESTION] or None,
        author=parse_post_id(by),
        mine=by == "me",
        staff=by == "staff",
        unanswered=values.get("unanswered") == "1",
        order=cast(Order, order) if order in _ORDERS else "activity",
    )
    return PageQuery(
        filters=filters,
        after=parse_post_id(values.get("after")),
        before=parse_post_id(values.get("before")),
        question=values.get("question") or None,
        reply_to=parse_post_id(values.get("reply_to")),
        group=parse_post_id(values.get("group")),
        remembered=own,
        translated=_parse_ids(values.get("translated", "")),
        untranslated=parse_post_id(values.get("untranslated")),
    )


def parse_languages(value: str) -> tuple[str, ...]:
    """Parse a language filter; no languages for ``all`` and for a value that names none."""
    if value == ALL_LANGUAGES:  # also the tag of a language, Allar
        return ()
    tags = (languages.as_filter(tag) for tag in value[:400].split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_LANGUAGES]


def toggled(filters: Filters, tag: str) -> Filters:
    """Return the filters with a language added, or removed if it is chosen."""
    if tag in filters.languages:
        rest = tuple(each for each in filters.languages if each != tag)
    else:
        rest = (*filters.languages, tag)[:MAX_LANGUAGES]
    return replace(filters, languages=rest)


def parse_post_id(value: str | None) -> int | None:
    """Parse a submitted post id or position; None if it is not valid."""
    if value and len(value) <= _MAX_DIGITS and value.isascii() and value.isdecimal():
        return int(value)
    return None


def _parse_ids(value: str) -> tuple[int, ...]:
    found = (parse_post_id(each) for each in value[:500].split(","))
    return tuple(dict.fromkeys(number for number in found if number is not None))[:MAX_TRANSLATED]


@lru_cache(maxsize=4096)
def module_path(anchor: str, **arguments: object) -> str:
    """Return the module's page relative to the session's path, without arguments that are None."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return f"{'?' if given else ''}{urlencode(given, safe=',')}#{anchor}"
