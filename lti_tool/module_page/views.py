"""The page of the module that a resource link shows."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as BaseResponse

from courseware import page as pages
from courseware import parts
from courseware.i18n import Interface
from courseware.languages import choose, normal
from courseware.module import Module
from lti_tool.discussion import presenter
from lti_tool.module_page import service
from lti_tool.module_page.link_notices import former_discussion, link_notices
from lti_tool.notifications import service as notices_service
from lti_tool.notifications.letters import SubscribeView, subscribe_view
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.guards import open_to_previews
from lti_tool.sessions.panels import panels_at
from lti_tool.sessions.requests import current_module, current_session, keep_language, see_other
from lti_tool.web.assets import media_url
from lti_tool.web.context import database, settings
from lti_tool.web.pages import render, ui, wanted_languages
from lti_tool.web.templates import ANY_SESSION

blueprint = Blueprint("module_page", __name__)

_WHOLE = {"whole": "1"}
"""The argument of the page that shows the whole module, although the activity is a part of it."""


@dataclass(frozen=True, slots=True)
class PartView:
    """That the activity is a part of the module, with a link to the whole of it, or back."""

    text: str
    label: str
    href: str


@blueprint.get("/")
def show() -> BaseResponse:
    """The module with its discussion; if there is none, those who may choose one do so first."""
    launch_session = current_session()
    if launch_session.is_deep_linking:
        return see_other(url_for("module_choice.choices"))
    module = current_module()
    if module is None and launch_session.may_choose:
        return see_other(url_for("module_choice.choices"))
    if module is None and launch_session.administrator and launch_session.own_record:
        return see_other(url_for("institution.show"))
    if module is None:
        return render("tool/nothing_chosen.html", unknown_module=launch_session.module_id)
    response = render("tool/module.html", **_page(launch_session, module))
    chosen = request.args.get("lang")
    if chosen and chosen in module.languages:
        keep_language(response, chosen)
    return response


def _page(launch_session: CurrentSession, module: Module) -> dict[str, Any]:
    wanted, interface = wanted_languages(of_content=True), ui()
    preferred = next((tag for tag in wanted if tag and normal(tag)), None)
    language = choose(wanted, module.languages, module.source_language)
    # For a language that the module lacks, the page is still built with the reader's language.
    if preferred is None or language != module.source_language:
        preferred = language
    part = launch_session.part
    if request.args.get("whole") or parts.section_of(module, part) is None:
        part = parts.WHOLE
    shown = parts.only(module, part)
    page_url = partial(_page_url, whole=bool(request.args.get("whole")))
    page, number = _page_in(module, preferred, part)
    with database().read_core() as connection:
        progress = service.progress_of(connection, launch_session, shown)
        discussion, subscribe = None, None
        if shown.discussion_section is not None:
            whole_page, _ = _page_in(module, preferred)
            discussion = presenter.present(
                connection, settings(), launch_session, module, whole_page, interface, request.args
            )
            subscribe = _subscribe(connection, launch_session, module, interface)
        panels = panels_at("module", connection)
        empty = discussion is None or discussion.total == 0
        notices = (
            link_notices(
                connection, launch_session, interface, has_discussion=discussion is not None
            )
            if launch_session.may_choose and empty
            else []
        )
        earlier = (
            former_discussion(connection, launch_session, module, interface)
            if discussion is not None and empty
            else None
        )
    return {
        "ui": interface,
        "page": page,
        "subscribe": subscribe,
        "panels": panels,
        "page_key": number,
        "progress": progress,
        "discussion": discussion,
        "notices": notices,
        "earlier": earlier,
        "language_href": lambda tag: page_url(lang=tag),
        "question_href": lambda question_id: page_url(question=question_id) + "#composer",
        "part": _part_view(interface, launch_session, module, part),
        "alone": part != parts.WHOLE and len(page.sections) == 1,
    }


def _part_view(
    interface: Interface, launch_session: CurrentSession, module: Module, part: str
) -> PartView | None:
    """What leads from the part of the activity to the whole module, or back; else None."""
    section = parts.section_of(module, launch_session.part)
    if section is None:
        return None
    gettext, path = interface.gettext, launch_session.path
    is_discussion = launch_session.part == parts.DISCUSSION
    if part == parts.WHOLE:
        text = gettext("This is the whole module. The activity itself is one section of it.")
        if is_discussion:
            text = gettext("This is the whole module. The activity itself is its discussion.")
        label = (
            gettext("Back to the discussion") if is_discussion else gettext("Back to the section")
        )
        return PartView(text, label, path)
    text = gettext("This activity is one section of the module.")
    if is_discussion:
        text = gettext("This activity is the discussion of the module.")
    return PartView(text, gettext("Show the whole module"), f"{path}?{urlencode(_WHOLE)}")


@lru_cache(maxsize=4096)
def _page_url(*, whole: bool, **arguments: str) -> str:
    """The URL of the page; ``whole``: of the whole module, although the activity is a part."""
    given = {**arguments, **(_WHOLE if whole else {})}
    return f"{ANY_SESSION}?{urlencode(given)}"


def _subscribe(
    connection: Connection, launch_session: CurrentSession, module: Module, interface: Interface
) -> SubscribeView | None:
    """What the user gets of the discussion; None for those to whom no notices are sent."""
    if launch_session.guest or launch_session.course_id is None or not launch_session.own_record:
        return None
    if module.discussion_section is None:
        return None
    choice = notices_service.choice_of(connection, launch_session, module)
    return subscribe_view(interface, url_for("notifications.show"), choice)


_pages: dict[tuple[str, str, str], tuple[Module, pages.Page, int]] = {}
_numbers = count()


def _page_in(module: Module, language: str, part: str = parts.WHOLE) -> tuple[pages.Page, int]:
    """The content of the page, built once for each language while the module does not change.

    The number identifies the build, as a key of cached fragments.
    """
    built = _pages.get((module.id, language, part))
    if built is None or built[0] is not module:
        if len(_pages) > 500:
            _pages.clear()
        if part == parts.WHOLE:
            page = pages.build(module, language, media=lambda path: media_url(module, path))
        else:
            page = _only(_page_in(module, language)[0], parts.only(module, part))
        built = _pages[module.id, language, part] = (module, page, next(_numbers))
    return built[1:]


def _only(page: pages.Page, shown: Module) -> pages.Page:
    """The page with the sections that are shown, without what is said about the whole module."""
    ids = {section.id for section in shown.sections}
    sections = tuple(section for section in page.sections if section.id in ids)
    return replace(page, sections=sections, summary="", minutes=0)


@blueprint.post("/progress")
@open_to_previews
def progress() -> Response:
    """Record that a ``section`` was seen, or the ``place`` of the reader; sent by the script."""
    module = current_module()
    seen = "section" in request.form
    section = request.form.get("section" if seen else "place", "")
    if module is None or not service.record_progress(
        database(), current_session(), module, section, seen=seen
    ):
        return Response(status=404)
    return Response(status=204)
