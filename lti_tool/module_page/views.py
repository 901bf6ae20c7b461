"""The page of the module that a placement shows."""

from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from courseware import page as pages
from courseware.languages import choose, normal
from courseware.module import Module
from lti_tool.discussion import presenter
from lti_tool.module_page import service
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.sessions.service import remember_language
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import render, ui, wanted_languages
from lti_tool.web.static import media_url

blueprint = Blueprint("module_page", __name__)


@blueprint.get("/")
def show() -> BaseResponse:
    """The module, with its discussion; or who must choose it first."""
    launch_session = current_session()
    if launch_session.message_type == "LtiDeepLinkingRequest":
        return see_other("choose")
    module = library().get(launch_session.module_id) if launch_session.module_id else None
    if module is None:
        return (
            see_other("choose") if launch_session.instructor else render("tool/nothing_chosen.html")
        )
    chosen = request.args.get("lang")
    if chosen and chosen in module.languages:
        remember_language(database(), launch_session, chosen)
    return render("tool/module.html", **_page(launch_session, module))


def _page(launch_session: CurrentSession, module: Module) -> dict[str, Any]:
    words = ui()
    asked = next((tag for tag in wanted_languages() if tag and normal(tag)), None)
    language = choose(wanted_languages(), module.languages, module.source_language)
    asked = asked if asked and language == module.source_language else language
    page, number = _page_in(module, asked)
    with database().read_core() as connection:
        progress = service.progress_of(connection, launch_session, module)
        discussion = presenter.present(
            connection, settings(), launch_session, module, page, words, request.args
        )
    return {
        "page": page,
        "page_key": number,
        "progress": progress,
        "discussion": discussion,
        "language_href": lambda tag: f"{launch_session.path}?{urlencode({'lang': tag})}",
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
        page = pages.build(module, language, media=lambda path: media_url(module, path))
        kept = _built[module.id, language] = (module, page, next(_numbers))
    return kept[1:]


@blueprint.post("/progress")
def progress() -> Response:
    """A section was seen (the page's script tells)."""
    launch_session = current_session()
    module = library().get(launch_session.module_id) if launch_session.module_id else None
    if module is None or not service.record_section_seen(
        database(), launch_session, module, request.form.get("section", "")
    ):
        return Response(status=404)
    return Response(status=204)
