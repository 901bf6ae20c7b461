"""The page on which an administrator joins and leaves exchanges."""

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from courseware.i18n import Interface
from lti_tool.exchanges import service
from lti_tool.exchanges.service import LEAVING, ExchangeError, Leaving, Problem
from lti_tool.institution.pages import FOR_ADMINISTRATORS, institution_page
from lti_tool.sessions.guards import administrator_required
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.context import database
from lti_tool.web.pages import ui

blueprint = Blueprint("exchanges", __name__)

_ROW_ID = "int(max=2147483647)"
_STATUS: dict[Problem, int] = {"no name": 400, "name taken": 409, "no code": 400}
_MOST_TYPED = 200


@blueprint.get("/institution/exchanges")
@administrator_required(FOR_ADMINISTRATORS)
def show() -> Response:
    """Show how the institution appears outside, and its exchanges."""
    return _page()


@blueprint.post("/institution/exchanges")
@administrator_required(FOR_ADMINISTRATORS)
def save() -> Response:
    """Store how the institution appears outside; with ``code``, join an exchange too."""
    name, shown_as, code = (_typed(each) for each in ("name", "shown_as", "code"))
    try:
        if request.form.get("act") == "join":
            service.join(database(), current_session(), name=name, shown_as=shown_as, code=code)
        else:
            service.describe(database(), current_session(), name=name, shown_as=shown_as)
    except ExchangeError as error:
        return _page(error.problem)
    return see_other(url_for(".show", saved="1"))


@blueprint.route(f"/institution/exchanges/<{_ROW_ID}:exchange_id>/leave", methods=["GET", "POST"])
@administrator_required(FOR_ADMINISTRATORS)
def leave(exchange_id: int) -> Response:
    """Ask what happens to the posts (GET), then leave an exchange (POST)."""
    joined = service.overview(database(), current_session()).joined
    found = next((each for each in joined if each.exchange.id == exchange_id), None) or abort(404)
    chosen: Leaving | None = next((e for e in LEAVING if e == request.form.get("posts")), None)
    if request.method == "POST" and chosen is not None:
        service.leave(database(), current_session(), exchange_id, chosen)
        return see_other(url_for(".show", saved="1"))
    title = ui().gettext("Leave the exchange “%(exchange)s”?", exchange=found.exchange.name)
    return institution_page(
        "leave_exchange",
        "exchanges.show",
        title=title,
        status=400 if request.method == "POST" else 200,
        exchange=found.exchange,
        error=ui().gettext("Choose one of these.") if request.method == "POST" else None,
        action=url_for(".leave", exchange_id=exchange_id),
        cancel_href=url_for(".show"),
    )


def _page(problem: Problem | None = None) -> Response:
    overview = service.overview(database(), current_session())
    posted = request.method == "POST"
    return institution_page(
        "exchanges",
        "exchanges.show",
        title=ui().gettext("Exchanges"),
        status=_STATUS[problem] if problem else 200,
        overview=overview,
        name=_typed("name") if posted else overview.name or overview.suggested,
        shown_as=_typed("shown_as") if posted else overview.shown_as,
        code=_typed("code"),
        error=_message(ui(), problem) if problem else None,
        saved=not posted and bool(request.args.get("saved")),
        leave_href=lambda exchange: url_for(".leave", exchange_id=exchange.id),
    )


def _message(interface: Interface, problem: Problem) -> str:
    gettext = interface.gettext
    match problem:
        case "no name":
            return gettext("Write the name under which other institutions know yours.")
        case "name taken":
            return gettext("Another institution has this name already.")
        case "no code":
            return gettext(
                "This code is not valid, or it was used already. Ask the person who sent it "
                "for a new one."
            )


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()[:_MOST_TYPED]
