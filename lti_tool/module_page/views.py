"""The page of the module that a resource link shows."""

from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware import page as pages
from courseware.languages import choose, normal
from courseware.module import Module
from lti_tool.discussion import presenter
from lti_tool.module_page import service
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.guards import open_to_previews
from lti_tool.sessions.requests import current_module, current_session, keep_language, see_other
from lti_tool.web.assets import media_url
from lti_tool.web.context import database, settings
from lti_tool.web.pages import render, ui, wanted_languages

blueprint = Blueprint("module_page", __name__)


@blueprint.get("/")
def show() -> BaseResponse:
    """The module with its discussion; if there is none, those who may choose one do so first."""
    launch_session = current_session()
    if launch_session.is_deep_linking:
        return see_other(url_for("module_choice.choices"))
    module = current_module()
    if module is None and launch_session.may_choose:
        return see_other(url_for("module_choice.choices"))
    if module is None:
        return render("tool/nothing_chosen.html", unknown_module=launch_session.module_id)
    response = render("tool/module.html", **_page(launch_session, module))
    chosen = request.args.get("lang")
    if chosen and chosen in module.languages:
        keep_language(response, chosen)
    return response


def _page(launch_session: CurrentSession, module: Module) -> dict[str, Any]:
    preferred = next((tag for tag in wanted_languages() if tag and normal(tag)), None)
    language = choose(wanted_languages(), module.languages, module.source_language)
    # For a language that the module lacks, the page is still built with the reader's language.
    if preferred is None or language != module.source_language:
        preferred = language
    page, number = _page_in(module, preferred)
    with database().read_core() as connection:
        progress = service.progress_of(connection, launch_session, module)
        discussion = presenter.present(
            connection, settings(), launch_session, module, page, ui(), request.args
        )
    return {
        "page": page,
        "page_key": number,
        "progress": progress,
        "discussion": discussion,
        "language_href": lambda tag: f"{launch_session.path}?{urlencode({'lang': tag})}",
    }


_pages: dict[tuple[str, str], tuple[Module, pages.Page, int]] = {}
_numbers = count()


def _page_in(module: Module, language: str) -> tuple[pages.Page, int]:
    """The content of the page, built once for each language while the module does not change.

    The number identifies the build, as a key of cached fragments.
    """
    built = _pages.get((module.id, language))
    if built is None or built[0] is not module:
        if len(_pages) > 500:
            _pages.clear()
        page = pages.build(module, language, media=lambda path: media_url(module, path))
        built = _pages[module.id, language] = (module, page, next(_numbers))
    return built[1:]


@blueprint.post("/progress")
@open_to_previews
def progress() -> Response:
    """Record that a section was seen; sent by the page's script."""
    module = current_module()
    if module is None or not service.record_section_seen(
        database(), current_session(), module, request.form.get("section", "")
    ):
        return Response(status=404)
    return Response(status=204)
