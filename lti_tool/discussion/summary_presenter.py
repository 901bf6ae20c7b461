"""The summary of a week, for one reader."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import Connection

from courseware.languages import choose, direction, endonym
from lti_tool.discussion import summaries
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.summaries import PublishedText
from lti_tool.discussion.text import render_stored
from lti_tool.discussion.view_models import SummaryView


def pinned(connection: Connection, reader: Reader) -> SummaryView | None:
    """Return the latest published summary in the reader's best language; None without one.

    Takes one statement if there is one.
    """
    own, week = reader.state.own_id, reader.state.summary_week
    if own is None or week is None:
        return None
    return view(reader, week, summaries.published(connection, own, week))


def view(
    reader: Reader, week: date, texts: Sequence[PublishedText], wanted: str | None = None
) -> SummaryView | None:
    """Return a week's summary, in the ``wanted`` language if it has it; None without texts."""
    if not texts:
        return None
    available = [text.language for text in texts]
    language = choose([wanted, *reader.reads], available, available[0])
    text = next(each for each in texts if each.language == language)
    base = f"{reader.launch_session.path}summaries"
    return SummaryView(
        week=week,
        lang=language,
        dir=direction(language),
        html=_rendered(text.source),
        others=[
            (tag, endonym(tag), f"{base}/{week}?text={tag}") for tag in available if tag != language
        ],
        all_href=base,
        edit_href=f"{base}/edit?week={week}&text={language}"
        if reader.permissions.moderate
        else None,
    )


@lru_cache(maxsize=64)
def _rendered(source: str) -> Markup:
    return Markup(render_stored(source))  # noqa: S704 - sanitized by courseware.markdown
