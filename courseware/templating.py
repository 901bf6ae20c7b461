"""Jinja over ``templates/``, with the words of the interface at hand.

Templates write ``_("…")``, ``ngettext(…)``, ``pgettext(…)`` or ``{% trans %}``, the filters
``size``, ``duration``, ``number``, ``date`` and ``datetime``, and ``tongue``, ``isolated``,
``moment`` and ``named``. All of them speak the
language of ``ui`` (a ``courseware.interface.Interface``) in the template's context, so one
environment serves every language at once. A macro file that uses them is imported ``with context``.
``{% kept %}`` (``kept.py``) draws a part once for all who see it alike.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from jinja2 import pass_context as in_context
from jinja2.runtime import Context
from markupsafe import Markup

from courseware import places
from courseware.interface import Interface, filled, interface
from courseware.kept import KeptParts
from courseware.languages import direction, endonym


def environment(**options: Any) -> Environment:
    """Return a new environment over the templates; ``options`` go to Jinja as they are."""
    settings: dict[str, Any] = {
        "loader": loader(),
        "autoescape": select_autoescape(("html", "xml", "svg"), default_for_string=True),
        "trim_blocks": True,
        "lstrip_blocks": True,
        "auto_reload": False,
    }
    env = Environment(**(settings | options))  # noqa: S701 - escapes by the file's kind, above
    install(env)
    return env


def loader() -> FileSystemLoader:
    """Return the loader of ``templates/``, for an environment that somebody else makes."""
    return FileSystemLoader(places.templates())


def install(env: Environment) -> None:
    """Give any environment (Flask's, say) the words and the filters that the templates use."""
    env.add_extension("jinja2.ext.i18n")
    env.add_extension(KeptParts)
    # Newstyle: the extension passes a message's values as keywords and leaves the rest to us.
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, npgettext=_npgettext
    )
    env.globals.update(tongue=_tongue, isolated=_isolated, moment=_moment, named=_named)
    env.filters.update({name: _filter(name) for name in ("size", "duration", "number", "date")})
    env.filters.update(datetime=_filter("datetime"), endonym=endonym, direction=direction)


def _ui(context: Context) -> Interface:
    ui = context.get("ui")
    return ui if isinstance(ui, Interface) else interface("en")


def _shown(context: Context, translated: str, original: str, values: dict[str, Any]) -> str:
    # A translation is ours, its values are anybody's: as Markup, `%` escapes the values only.
    if context.eval_ctx.autoescape:
        if "%" not in translated:
            return _markup(translated)
        return filled(_markup(translated), _markup(original), values)
    return filled(translated, original, values)


_markup = lru_cache(maxsize=4096)(Markup)
"""A message as Markup, made once: there are some hundreds, and a page says them over and over."""


@in_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    return _shown(context, _ui(context).message(message), message, values)


@in_context
def _ngettext(context: Context, singular: str, plural: str, n: int, /, **values: Any) -> str:
    ui = _ui(context)
    original = singular if n == 1 else plural
    values = {**values, "n": ui.number(n)} if values.get("n", n) == n else values
    return _shown(context, ui.plural_message(singular, plural, n), original, values)


@in_context
def _pgettext(context: Context, place: str, message: str, /, **values: Any) -> str:
    return _shown(context, _ui(context).message(message, place), message, values)


@in_context
def _npgettext(
    context: Context, place: str, singular: str, plural: str, n: int, /, **values: Any
) -> str:
    ui = _ui(context)
    original = singular if n == 1 else plural
    values = {**values, "n": ui.number(n)} if values.get("n", n) == n else values
    return _shown(context, ui.plural_message(singular, plural, n, place), original, values)


@in_context
def _tongue(context: Context, lang: str, dir: str) -> Markup:  # noqa: A002 - HTML's own word
    """The attributes of a fragment whose language is not that of the page."""
    if not lang or lang == _ui(context).lang:
        return _NOTHING
    return Markup(' lang="{}" dir="{}"').format(lang, dir)


def _isolated(name: str) -> Markup:
    """A name inside a sentence, isolated: its direction must not disturb the words around."""
    return Markup("\u2068{}\u2069").format(name)


@in_context
def _moment(context: Context, when: datetime) -> Markup:
    """A moment in absolute words; the script makes them relative, and local."""
    said = _ui(context).datetime(when, "short")
    return Markup('<time datetime="{}" data-relative>{} UTC</time>').format(when.isoformat(), said)


@in_context
def _named(context: Context, tag: str) -> str:
    """The name of a language, in the reader's."""
    return _ui(context).locale.languages.get(tag.split("-")[0]) or endonym(tag)


_NOTHING = Markup()


def _filter(name: str) -> Any:
    @in_context
    def apply(context: Context, value: Any, *args: Any, **options: Any) -> str:
        return str(getattr(_ui(context), name)(value, *args, **options))

    return apply
