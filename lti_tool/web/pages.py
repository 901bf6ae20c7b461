"""Render a page in the reader's language, with what every page needs."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, g, make_response, request
from flask import current_app as app

from courseware import templating
from courseware.fragment_cache import FragmentCache
from courseware.i18n import LANGUAGES, Interface, interface
from courseware.languages import choose
from lti_tool.sessions.current import ANY_SESSION
from lti_tool.web.static import asset

DEFAULT_LANGUAGE = "en"

MOST_KEPT = 8_000_000
"""Characters of drawn parts of pages that each process keeps: some thousand posts."""


def install(app: Flask) -> None:
    """Make one template environment for the whole tool, and a store of what it has drawn."""
    app.extensions["minga.templates"] = templating.environment(), FragmentCache(MOST_KEPT)


def wanted_languages() -> list[str | None]:
    """The languages that this reader asks for, best first: asked, launch locale, browser."""
    launch_session = g.get("launch_session")
    wanted: list[str | None] = [request.args.get("lang")]
    if launch_session is not None:
        wanted += [launch_session.user_language, launch_session.locale]
    else:
        wanted.append(g.get("launch_locale"))
    return wanted + [tag for tag, _ in request.accept_languages]


def ui() -> Interface:
    """The interface in the reader's language."""
    language = choose(wanted_languages(), LANGUAGES, DEFAULT_LANGUAGE)
    return interface(language)


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """A whole page from a template."""
    response = make_response(fragment(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def fragment(template: str, **context: Any) -> str:
    """The text that a template makes."""
    words = context.pop("ui", None) or ui()
    templates, kept = app.extensions["minga.templates"]
    drawn: str = templates.get_template(template).render(
        ui=words, asset=asset, nonce=g.get("nonce"), fragment_cache=kept, **_launch(), **context
    )
    launch_session = g.get("launch_session")
    return drawn.replace(ANY_SESSION, launch_session.path) if launch_session is not None else drawn


def _launch() -> dict[str, Any]:
    """What templates know of the visit, if the page belongs to one."""
    launch_session = g.get("launch_session")
    if launch_session is None:
        return {}
    launch = {
        "base": launch_session.path,
        "token": launch_session.token,
        "cookieless": launch_session.cookieless,
        "here": request.full_path.rstrip("?"),
        "course": launch_session.course_title,
        "choose_href": f"{launch_session.path}choose" if launch_session.instructor else None,
        "packages_href": f"{launch_session.path}packages" if launch_session.instructor else None,
        "return_href": launch_session.return_url,
    }
    return {"launch": launch, "token": launch_session.token}


def message_page(
    title: str,
    paragraphs: Sequence[str],
    *,
    status: int,
    advice: str | None = None,
    details: Sequence[tuple[str, str]] = (),
    actions: Sequence[tuple[str, str]] = (),
    typed: str | None = None,
) -> Response:
    """A page that says something: a refusal, an error, a note. ``typed`` gives back lost words."""
    return render(
        "tool/message.html",
        status=status,
        title=title,
        paragraphs=paragraphs,
        advice=advice,
        details=details,
        actions=actions,
        typed=typed,
    )
