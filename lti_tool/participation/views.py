"""Pages and downloads that show instructors who takes part in the discussion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion import participation
from lti_tool.discussion.people_list import Order, Place, Stage, parse_place, people_page
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import reader_of_request
from lti_tool.participation import charts, service, totals
from lti_tool.participation.charts import Bar
from lti_tool.participation.totals import Numbers
from lti_tool.sessions.guards import instructor_required
from lti_tool.sessions.panels import panels_at
from lti_tool.sessions.requests import current_module, see_other
from lti_tool.web.context import database
from lti_tool.web.pages import render

Value = TypeVar("Value", bound=str)

blueprint = Blueprint("participation", __name__)

_ROW_ID = "int(max=2147483647)"
_FOR_INSTRUCTORS = N_("Only an instructor of the course can see who takes part.")
_POSTS_PER_PAGE = 20

_STAGES: dict[Stage, str] = {
    "all": N_("Everyone"),
    "not_opened": N_("Not opened yet"),
    "opened": N_("Opened"),
    "not_written": N_("Written nothing"),
    "wrote": N_("Written"),
}
_ORDERS: dict[Order, str] = {
    "name": N_("By name"),
    "posts": N_("Most posts first"),
    "latest": N_("Latest post first"),
    "opened": N_("Last opened first"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """A number of people out of all, with its bar."""

    label: str
    number: int
    whole: int
    bar: Bar
    lang: str | None = None
    dir: str | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to another list of people."""

    label: str
    href: str
    chosen: bool


@blueprint.get("/participation")
@instructor_required(_FOR_INSTRUCTORS)
def show() -> BaseResponse:
    """Show the totals, the questions, the days, and a page of the participants."""
    if current_module() is None:
        return see_other(url_for("module_choice.choices"))
    stage = _argument("show", list(_STAGES))
    order = _argument("order", list(_ORDERS))
    after, before = (parse_place(request.args.get(name)) for name in ("after", "before"))
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        scope = service.scope_of(reader)
        numbers = totals.numbers(connection, scope, reader.module.id)
        page = people_page(
            connection,
            scope,
            stage=stage,
            order=order,
            after=after,
            before=before,
            limit=service.PAGE_SIZE,
        )
        rows = service.person_rows(connection, reader, page.people)
        timeline = charts.timeline(
            participation.days(connection, scope), rtl=reader.ui.dir == "rtl"
        )
    if numbers.is_old:
        with database().write_core() as connection:
            totals.request_count(connection, scope, reader.module.id)
    return render(
        "tool/participation.html",
        people=numbers.people,
        counted_at=numbers.counted_at,
        stages=_stage_shares(reader.ui, numbers),
        questions=_question_shares(reader, numbers),
        timeline=timeline,
        uncounted=reader.state.settings.anonymous and not scope.count_anonymous,
        rows=rows,
        sections=service.number_of_sections(reader),
        shown=[_choice(reader.ui, "show", *each, stage, order) for each in _STAGES.items()],
        orders=[_choice(reader.ui, "order", *each, order, stage) for each in _ORDERS.items()],
        earlier_href=None if page.before is None else _href(stage, order, before=page.before),
        later_href=None if page.after is None else _href(stage, order, after=page.after),
    )


@blueprint.get(f"/participation/<{_ROW_ID}:user_id>")
@instructor_required(_FOR_INSTRUCTORS)
def person(user_id: int) -> Response:
    """Show what one person did, and the posts in order."""
    after = request.args.get("after", 0, int)
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        scope = service.scope_of(reader)
        found = participation.person(connection, scope, user_id) or abort(404)
        [row] = service.person_rows(connection, reader, [found])
        posts = participation.contributions(
            connection, reader, user_id, after=after, limit=_POSTS_PER_PAGE + 1
        )
        panels = panels_at("participant", connection, user_id)
    more = len(posts) > _POSTS_PER_PAGE
    posts = posts[:_POSTS_PER_PAGE]
    later = url_for(".person", user_id=user_id, after=posts[-1].id) if more else None
    return render(
        "tool/participant.html",
        title=row.shown_name,
        row=row,
        sections=service.number_of_sections(reader),
        questions=list(zip(reader.questions.values(), row.answers, strict=True)),
        posts=posts,
        panels=panels,
        later_href=later,
        first_href=url_for(".person", user_id=user_id) if after else None,
        anonymous_note=reader.state.settings.anonymous,
        counted=scope.count_anonymous,
    )


@blueprint.get("/participation.csv")
@instructor_required(_FOR_INSTRUCTORS)
def as_csv() -> Response:
    """Download the participants for a spreadsheet."""
    reader = reader_of_request()
    titles = service.question_titles(reader)
    lines = service.csv_lines(database(), reader, titles)
    return _download(lines, "text/csv; charset=utf-8", "participation.csv")


@blueprint.get("/participation.json")
@instructor_required(_FOR_INSTRUCTORS)
def as_json() -> Response:
    """Download the participants and the totals as JSON."""
    reader = reader_of_request()
    titles = service.question_titles(reader)
    pieces = service.json_lines(database(), reader, titles)
    return _download(pieces, "application/json", "participation.json")


def _download(pieces: Iterator[str], content_type: str, name: str) -> Response:
    response = Response(pieces, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _stage_shares(ui: Interface, numbers: Numbers) -> list[Share]:
    """Return the stages; none if they are not counted yet."""
    if numbers.totals is None:
        return []
    stages = (
        (ui.gettext("Opened the activity"), numbers.totals.opened),
        (ui.gettext("Read in the discussion"), numbers.totals.read),
        (ui.gettext("Wrote in the discussion"), numbers.totals.wrote),
    )
    whole, rtl = numbers.people, ui.dir == "rtl"
    return [
        Share(label, number, whole, charts.bar(number, whole, rtl=rtl)) for label, number in stages
    ]


def _question_shares(reader: Reader, numbers: Numbers) -> list[Share]:
    shares = []
    for question in reader.questions.values() if numbers.totals is not None else ():
        total = numbers.questions.get(question.id)
        people = total.people if total else 0
        shares.append(
            Share(
                label=f"{reader.ui.number(question.number)}. {question.title}",
                number=people,
                whole=numbers.people,
                bar=charts.bar(people, numbers.people, rtl=reader.ui.dir == "rtl"),
                lang=question.lang,
                dir=question.dir,
                answers=total.answers if total else 0,
            )
        )
    return shares


def _argument(name: str, allowed: Sequence[Value]) -> Value:
    """Return a query parameter; the first allowed value for another one."""
    given = request.args.get(name)
    return next((each for each in allowed if each == given), allowed[0])


def _choice(ui: Interface, name: str, value: str, label: str, chosen: str, other: str) -> Choice:
    stage, order = (value, other) if name == "show" else (other, value)
    return Choice(ui.gettext(label), _href(stage, order), value == chosen)


def _href(stage: str, order: str, **page: Place) -> str:
    arguments = {"show": stage, "order": order, **page}
    defaults = {"show": "all", "order": "name"}
    changed = {name: value for name, value in arguments.items() if value != defaults.get(name)}
    query = f"?{urlencode(changed)}" if changed else ""
    return f"{url_for('.show')}{query}#people"
