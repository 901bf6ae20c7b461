"""The page of the module that a placement shows."""

from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from courseware import page as pages
from courseware.languages import choose, normal
from courseware.module import Module
from lti_tool.discussion import presenting
from lti_tool.launches.service import remember_language
from lti_tool.launches.visit import CurrentVisit
from lti_tool.module_page import service
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import render, ui, wanted_languages
from lti_tool.web.static import media_address
from lti_tool.web.visits import current_visit, see_other

blueprint = Blueprint("module_page", __name__)


@blueprint.get("/")
def show() -> BaseResponse:
    """The module, with its discussion; or who must choose it first."""
    visit = current_visit()
    if visit.message_type == "LtiDeepLinkingRequest":
        return see_other("choose")
    module = library().get(visit.module_id) if visit.module_id else None
    if module is None:
        return see_other("choose") if visit.instructor else render("tool/nothing_chosen.html")
    chosen = request.args.get("lang")
    if chosen and chosen in module.languages:
        remember_language(database(), visit, chosen)
    return render("tool/module.html", **_page(visit, module))


def _page(visit: CurrentVisit, module: Module) -> dict[str, Any]:
    words = ui()
    asked = next((tag for tag in wanted_languages() if tag and normal(tag)), None)
    language = choose(wanted_languages(), module.languages, module.source_language)
    asked = asked if asked and language == module.source_language else language
    page, number = _page_in(module, asked)
    with database().read_core() as connection:
        progress = service.progress_of(connection, visit, module)
        discussion = presenting.present(
            connection, settings(), visit, module, page, words, request.args
        )
    return {
        "page": page,
        "page_key": number,
        "progress": progress,
        "discussion": discussion,
        "language_href": lambda tag: f"{visit.path}?{urlencode({'lang': tag})}",
    }


_built: dict[tuple[str, str], tuple[Module, pages.Page, int]] = {}
_numbers = count()


def _page_in(module: Module, language: str) -> tuple[pages.Page, int]:
    """The page's content, made once for each language while the module stays the same.

    The number beside it is its own: content that was made again has another.
    """
    kept = _built.get((module.id, language))
    if kept is None or kept[0] is not module:
        if len(_built) > 500:
            _built.clear()
        page = pages.build(module, language, media=lambda path: media_address(module, path))
        kept = _built[module.id, language] = (module, page, next(_numbers))
    return kept[1:]


@blueprint.post("/progress")
def progress() -> Response:
    """A section was seen (the page's script tells)."""
    visit = current_visit()
    module = library().get(visit.module_id) if visit.module_id else None
    if module is None or not service.section_seen(
        database(), visit, module, request.form.get("section", "")
    ):
        return Response(status=404)
    return Response(status=204)
