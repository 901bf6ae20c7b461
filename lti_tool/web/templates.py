"""Render templates without a web framework: for pages, and for mail sent by the worker.

Fragments that are the same for all readers are cached (``{% cache %}``). What belongs to one
request cannot be part of them: they contain ``ANY_SESSION``, ``ANY_TOKEN`` and ``ANY_NONCE``
instead, which are replaced after rendering. Templates have the first two as ``any_session`` and
``any_token``.
"""

import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment

from courseware import templating
from courseware.fragment_cache import FragmentCache
from courseware.i18n import Interface
from lti_tool.web.assets import asset

ANY_SESSION = "\0"
"""Placeholder for the path of the reader's launch session (``/l/<session id>/``).

NUL, because it cannot occur in HTML otherwise (HTML Living Standard, 13.2.3.5).
"""
ANY_TOKEN = f"\0{secrets.token_hex(16)}"
"""Placeholder for the page token. Random, so that no text of a person or an LMS can contain it."""
ANY_NONCE = f"\0{secrets.token_hex(16)}"
"""Placeholder for the nonce of the page's scripts. Random for the same reason."""

FRAGMENT_CACHE_SIZE = 8_000_000
"""Characters of rendered fragments that each process caches: several thousand posts."""


@cache
def _environment() -> Environment:
    environment = templating.environment()
    environment.globals.update(any_session=ANY_SESSION, any_token=ANY_TOKEN)
    return environment


def render_template_text(
    ui: Interface,
    template: str,
    *,
    fragment_cache: FragmentCache | None = None,
    **context: Any,
) -> str:
    """Render a template in the language of ``ui``; needs no application or request context.

    Without ``fragment_cache`` every fragment is rendered again.
    """
    return (
        _environment()
        .get_template(template)
        .render(ui=ui, asset=asset, fragment_cache=fragment_cache, **context)
    )


def encoded(text: str, placeholders: Mapping[str, str]) -> bytes:
    """Return a rendered text in UTF-8, with what replaces each placeholder.

    ``ANY_SESSION`` is the last one, because the others begin with it. Bytes are searched several
    times faster than a text that contains non-Latin letters.
    """
    data = text.encode()
    for placeholder, value in placeholders.items():
        data = data.replace(placeholder.encode(), value.encode())
    return data
