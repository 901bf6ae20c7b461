"""Render pages in the reader's language."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Flask, Response, current_app, g, make_response, request, url_for

from courseware.fragment_cache import FragmentCache
from courseware.i18n import LANGUAGES, Interface, interface
from courseware.languages import choose, with_region
from lti_tool.web.large_forms import submitted_text
from lti_tool.web.templates import (
    ANY_NONCE,
    ANY_SESSION,
    ANY_TOKEN,
    FRAGMENT_CACHE_SIZE,
    encoded,
    render_template_text,
)

DEFAULT_LANGUAGE = "en"


def install(app: Flask) -> None:
    """Create the fragment cache and the context that every template has."""
    app.extensions["minga.fragments"] = FragmentCache(FRAGMENT_CACHE_SIZE)
    app.context_processor(lambda: {"nonce": ANY_NONCE, "url_for": url_for})


def prefer_languages(
    *chosen: str | None, locale: str | None, of_content: str | None = None
) -> None:
    """Set the languages of this request's reader, best first, ahead of the browser's.

    ``chosen`` by the reader; then, for modules alone, the one that the activity has; then the
    ``locale`` of the launch.
    """
    g.chosen_languages = chosen
    g.content_language = of_content
    g.launch_locale = locale
    g.pop("ui", None)


def wanted_languages(*, of_content: bool = False) -> list[str | None]:
    """The reader's languages, best first: of the URL, of the launch session, of the browser.

    ``of_content``: for the content of the activity, which can have a language of its own.
    """
    return [
        request.args.get("lang"),
        *g.get("chosen_languages", ()),
        *([g.get("content_language")] if of_content else []),
        g.get("launch_locale"),
        *(tag for tag, _ in request.accept_languages),
    ]


def ui() -> Interface:
    """The interface in the reader's language.

    The region, for dates and numbers, is that of the launch's locale, else that of the browser.
    """
    if "ui" not in g:
        wanted = wanted_languages()
        language = choose(wanted, LANGUAGES, DEFAULT_LANGUAGE)
        browser = (tag for tag, _ in request.accept_languages)
        g.ui = interface(with_region(language, [g.get("launch_locale"), *browser, *wanted]))
    return cast(Interface, g.ui)


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a template as a whole page, never cached by browsers."""
    response = make_response(_rendered(template, context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def fragment(template: str, **context: Any) -> str:
    """Render a template with the context of this request (Flask's context processors)."""
    return _rendered(template, context).decode()


def _rendered(template: str, context: dict[str, Any]) -> bytes:
    ui_ = context.pop("ui", None) or ui()
    current_app.update_template_context(context)
    fragments = current_app.extensions["minga.fragments"]
    return encoded(
        render_template_text(ui_, template, fragment_cache=fragments, **context),
        {
            ANY_TOKEN: g.get("page_token", ""),
            ANY_NONCE: g.get("nonce", ""),
            ANY_SESSION: g.get("session_path", ""),
        },
    )


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
    """Render a refusal, an error or a notice.

    ``actions`` and ``details`` are (label, URL) and (label, value). ``typed`` is text that the
    reader wrote and that was not stored, shown so that it can be copied; by default that of the
    form that is refused.
    """
    if typed is None and status >= 400:
        typed = submitted_text()
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
