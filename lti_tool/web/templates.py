"""Render templates without a web framework: for pages, and for mail sent by the worker.

Fragments that are the same for all readers are cached (``{% cache %}``). The path of the reader's
launch session cannot be part of them: they contain ``ANY_SESSION`` instead, which is replaced after
rendering.
"""

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

FRAGMENT_CACHE_SIZE = 8_000_000
"""Characters of rendered fragments that each process caches: several thousand posts."""


@cache
def _environment() -> Environment:
    return templating.environment()


def render_template_text(
    ui: Interface,
    template: str,
    *,
    session_path: str | None = None,
    fragment_cache: FragmentCache | None = None,
    **context: Any,
) -> str:
    """Render a template in the language of ``ui``; needs no application or request context.

    ``session_path`` replaces ``ANY_SESSION``. Without ``fragment_cache`` every fragment is
    rendered again.
    """
    text = (
        _environment()
        .get_template(template)
        .render(ui=ui, asset=asset, fragment_cache=fragment_cache, **context)
    )
    return text if session_path is None else text.replace(ANY_SESSION, session_path)
