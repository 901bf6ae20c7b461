"""HTTP views of the weekly summaries: read them, and write them as an instructor."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.languages import direction, endonym
from lti_tool.discussion import languages, summaries, summary_presenter
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.messages import STATUS, message_for
from lti_tool.discussion.model import SummaryText
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.permissions import in_time_zone, must_post, must_see_others
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import blueprint, reader_of_request
from lti_tool.sessions.requests import see_other
from lti_tool.storage.database import now
from lti_tool.web.context import database
from lti_tool.web.pages import render, ui


@blueprint.get("/summaries")
def list_summaries() -> Response:
    """List the weeks that have a summary, with its languages; to instructors with drafts."""
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        drafts = reader.permissions.moderate
        own_id = reader.state.own_id
        found = summaries.listed(connection, own_id, drafts=drafts) if own_id else []
    weeks: dict[date, list[_ListEntry]] = {}
    for text in found:
        weeks.setdefault(text.week, []).append(_list_entry(text))
    return render(
        "tool/summaries.html",
        title=ui().gettext("Weekly summaries"),
        weeks=weeks,
        this_week=_this_week(reader) if drafts else None,
        edit_action=url_for(".edit_summary"),
        back_href=reader.module_url(reader.section),
    )


@blueprint.get("/summaries/<week>")
def show_summary(week: str) -> Response:
    """Show the published summary of a week, in the language ``text`` or the reader's best one."""
    monday = summaries.parse_week(week) or abort(404)
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_see_others(reader.permissions)
        own_id = reader.state.own_id
        texts = summaries.published(connection, own_id, monday) if own_id else []
    shown = summary_presenter.view(reader, monday, texts, request.args.get("text"))
    if shown is None:
        abort(404)
    return render(
        "tool/summary.html",
        title=ui().gettext("Summary of the week of %(date)s", date=ui().date(monday)),
        summary=shown,
        back_href=reader.module_url(reader.section),
    )


@blueprint.route("/summaries/edit", methods=["GET", "POST"])
def edit_summary() -> BaseResponse:
    """Write or change a week's summary in one language: save a draft, publish, or withdraw it."""
    reader = _instructor()
    values = request.form if request.method == "POST" else request.args
    week = summaries.parse_week(values.get("week")) or _this_week(reader)
    if request.method == "GET":
        language = languages.as_tag(values.get("text")) or reader.ui.lang
        return _edit_page(reader, week, language)
    language = values.get("text", "")
    action = values.get("action", "")
    known: summaries.Action = next((each for each in summaries.ACTIONS if each == action), "draft")
    try:
        summaries.save(
            database(),
            reader.launch_session,
            reader.module,
            week,
            language,
            values.get("source", ""),
            revision=parse_post_id(values.get("revision")) or 0,
            action=known,
        )
    except DiscussionError as error:
        return _edit_page(reader, week, language, typed=values.get("source", ""), error=error)
    if known == "publish":
        return see_other(url_for(".show_summary", week=week, text=languages.as_tag(language)))
    return see_other(url_for(".edit_summary", week=week, text=languages.as_tag(language), saved=1))


@blueprint.get("/summaries/<week>/history")
def summary_history(week: str) -> Response:
    """Show the earlier published texts of a week's summary in one language, to instructors."""
    monday = summaries.parse_week(week) or abort(404)
    reader = _instructor()
    with database().read() as session:
        text = _find(session, reader, monday, request.args.get("text"))
        if text is None:
            abort(404)
        earlier = summaries.versions(session, text)
    return render(
        "tool/summary_history.html",
        title=ui().gettext("Earlier texts of the summary"),
        versions=earlier,
        lang=text.language,
        dir=direction(text.language),
        back_href=url_for(".edit_summary", week=monday, text=text.language),
    )


@dataclass(frozen=True, slots=True)
class _ListEntry:
    lang: str
    name: str
    published: bool
    draft: bool
    href: str
    edit_href: str


def _list_entry(text: summaries.ListedText) -> _ListEntry:
    return _ListEntry(
        lang=text.language,
        name=endonym(text.language),
        published=text.published,
        draft=text.draft,
        href=url_for(".show_summary", week=text.week, text=text.language),
        edit_href=url_for(".edit_summary", week=text.week, text=text.language),
    )


def _instructor() -> Reader:
    reader = reader_of_request()
    if not reader.permissions.moderate:
        abort(403)
    must_post(reader.permissions)
    return reader


def _this_week(reader: Reader) -> date:
    """Return the Monday of the current week in the discussion's time zone."""
    today: datetime = in_time_zone(now(), reader.state.settings)
    return summaries.monday(today.date())


def _find(session: Any, reader: Reader, week: date, language: str | None) -> SummaryText | None:
    if reader.state.own_id is None:
        return None
    texts = summaries.texts_of_week(session, reader.state.own_id, week)
    return next((each for each in texts if each.language == languages.as_tag(language)), None)


def _edit_page(
    reader: Reader,
    week: date,
    language: str,
    *,
    typed: str | None = None,
    error: DiscussionError | None = None,
) -> Response:
    tag = languages.as_tag(language)
    own_id = reader.state.own_id
    with database().read() as session:
        texts = summaries.texts_of_week(session, own_id, week) if own_id else []
    text = next((each for each in texts if each.language == tag), None)
    stored = text and (text.draft or text.source)
    conflict = error is not None and error.reason is Reason.EDITED_ELSEWHERE
    usual = languages.offered_languages(reader.module)
    return render(
        "tool/edit_summary.html",
        status=STATUS[error.reason] if error else 200,
        title=ui().gettext("Summary of the week of %(date)s", date=ui().date(week)),
        week=week,
        language=tag,
        dir=direction(tag) if tag else "auto",
        languages=languages.choices(usual, tag),
        text=stored or "" if typed is None else typed,
        stored=stored if conflict else None,
        summary=text,
        saved=request.args.get("saved") == "1",
        error=message_for(reader.ui, error) if error else None,
        others=[_other(each) for each in texts if each.language != tag],
        history_href=url_for(".summary_history", week=week, text=tag) if text else None,
        show_href=url_for(".show_summary", week=week, text=tag)
        if text and text.published_at
        else None,
        action=url_for(".edit_summary"),
        back_href=url_for(".list_summaries"),
    )


def _other(text: SummaryText) -> tuple[str, str, str]:
    href = url_for(".edit_summary", week=text.week, text=text.language)
    return text.language, endonym(text.language), href
