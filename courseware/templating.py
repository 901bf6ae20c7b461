"""The Jinja environment over ``templates/``, with messages and formatting of the interface.

Templates have ``_("…")``, ``ngettext(…)``, ``pgettext(…)`` and ``{% trans %}``, the filters
``size``, ``duration``, ``number``, ``date`` and ``datetime``, and the functions
``lang_attributes``, ``isolated``, ``moment`` and ``named``. All of them use the language of ``ui``
(a ``courseware.i18n.Interface``) in the template's context, so one environment serves all
languages. A macro file that uses them is imported ``with context``. ``{% cache %}``
(``fragment_cache.py``) renders a fragment once for all readers for whom it is identical.
"""

from collections.abc import MutableMapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, select_autoescape
from jinja2 import pass_context as in_context
from jinja2.runtime import Context
from markupsafe import Markup

from courseware import resources
from courseware.characters import shortened
from courseware.fragment_cache import CacheExtension
from courseware.i18n import Interface, fill, interface
from courseware.languages import direction, endonym


def environment(**options: Any) -> Environment:
    """Return a new environment over the templates; ``options`` are those of Jinja."""
    settings: dict[str, Any] = {
        "loader": loader(),
        "autoescape": select_autoescape(("html", "xml", "svg"), default_for_string=True),
        "trim_blocks": True,
        "lstrip_blocks": True,
        "auto_reload": False,
    }
    env = _Environment(**(settings | options))
    install(env)
    return env


class _Environment(Environment):
    """All templates share the environment's globals; none has globals of its own.

    Jinja gives each template a ``ChainMap``, which it copies for each included template; a ``dict``
    is copied faster.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


@cache
def loader() -> ChoiceLoader:
    """Return the loader of ``templates/`` and of the folders added, shared by all environments."""
    return ChoiceLoader([FileSystemLoader(resources.templates())])


def add_folder(folder: Path) -> None:
    """Add a folder of templates, searched after ``templates/``, to all environments."""
    loader().loaders = [*loader().loaders, FileSystemLoader(folder)]


def install(env: Environment) -> None:
    """Install the functions, filters and extensions that the templates use into an environment."""
    env.add_extension("jinja2.ext.i18n")
    env.add_extension(CacheExtension)
    # Newstyle: the extension passes the values of a message as keyword arguments.
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, npgettext=_npgettext
    )
    env.globals.update(scripts=resources.scripts())
    env.globals.update(
        lang_attributes=_lang_attributes, isolated=_isolated, moment=_moment, named=_named
    )
    env.filters.update({name: _filter(name) for name in ("size", "duration", "number", "date")})
    env.filters.update(
        shortened=shortened, datetime=_filter("datetime"), endonym=endonym, direction=direction
    )


def _ui(context: Context) -> Interface:
    ui = context.get("ui")
    return ui if isinstance(ui, Interface) else interface("en")


def _filled(context: Context, translated: str, original: str, values: dict[str, Any]) -> str:
    # The translation is trusted, its values are not: `%` on Markup escapes the values only.
    if context.eval_ctx.autoescape:
        if "%" not in translated:
            return _markup(translated)
        return fill(_markup(translated), _markup(original), values)
    return fill(translated, original, values)


_markup = lru_cache(maxsize=4096)(Markup)
"""A message as Markup; memoized, because there are only some hundreds."""


@in_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    return _filled(context, _ui(context).message(message), message, values)


@in_context
def _ngettext(context: Context, singular: str, plural: str, n: int, /, **values: Any) -> str:
    ui = _ui(context)
    original = singular if n == 1 else plural
    values = {**values, "n": ui.number(n)} if values.get("n", n) == n else values
    return _filled(context, ui.plural_message(singular, plural, n), original, values)


@in_context
def _pgettext(context: Context, msgctxt: str, message: str, /, **values: Any) -> str:
    return _filled(context, _ui(context).message(message, msgctxt), message, values)


@in_context
def _npgettext(
    context: Context, msgctxt: str, singular: str, plural: str, n: int, /, **values: Any
) -> str:
    ui = _ui(context)
    original = singular if n == 1 else plural
    values = {**values, "n": ui.number(n)} if values.get("n", n) == n else values
    return _filled(context, ui.plural_message(singular, plural, n, msgctxt), original, values)


@in_context
def _lang_attributes(context: Context, lang: str, dir: str) -> Markup:  # noqa: A002 - HTML's own word
    """Return ``lang`` and ``dir`` attributes for a fragment that is not in the page's language."""
    if not lang or lang == _ui(context).lang:
        return _NOTHING
    return Markup(' lang="{}" dir="{}"').format(lang, dir)


def _isolated(name: str) -> Markup:
    """Return a name in Unicode isolates, so that its direction does not affect the sentence."""
    return Markup("\u2068{}\u2069").format(name)


@in_context
def _moment(context: Context, when: datetime) -> Markup:
    """Return a ``<time>`` in UTC, which the script makes local and relative."""
    text = _ui(context).datetime(when, "medium")
    return Markup('<time datetime="{}" data-relative>{} UTC</time>').format(when.isoformat(), text)


@in_context
def _named(context: Context, tag: str) -> str:
    """Return the name of a language in the language of the interface."""
    return _ui(context).locale.languages.get(tag.split("-")[0]) or endonym(tag)


_NOTHING = Markup()


def _filter(name: str) -> Any:
    @in_context
    def apply(context: Context, value: Any, *args: Any, **options: Any) -> str:
        return str(getattr(_ui(context), name)(value, *args, **options))

    return apply
