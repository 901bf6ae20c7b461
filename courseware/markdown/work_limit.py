"""A limit for the work of rendering a post, counted by the parser's own rules.

The parser's environment has the count (``env["work"]``); only posts have one.
"""

from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt

_MOST_WORK = 140_000
"""Units of work that a post may take to render, about a microsecond each.

A position at which the parser looks for the end of a link is one unit, and so is a character of a
link's tag. A try of the parser's rules, a mark of emphasis, and a token of a block (a paragraph has
three, a table cell too) are ``_STEP`` units each.
"""
_STEP = 10


class TooComplex(ValueError):  # noqa: N818 - a refusal, not a fault
    """A post has more formatting than is rendered."""


def limit_work(md: MarkdownIt) -> None:
    """Have the parser count its work in ``env["work"]``, and stop when that is too much.

    The rules that are added here come first in their chains and never match.
    """
    skip_token = md.inline.skipToken

    def skip(state: Any) -> None:
        spend(state.env, 1)
        skip_token(state)

    md.inline.skipToken = skip  # type: ignore[method-assign]
    md.inline.ruler.before("text", "work", _inline_work)
    md.inline.ruler2.before("balance_pairs", "work", _emphasis_work)
    # The other chains are those of rules that may end a block: they are tried at each of its lines.
    md.block.ruler.before(
        "table", "work", _block_work, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.before("inline", "work", _tokens_work)


def spend(env: MutableMapping[str, Any], units: int, tokens: int = 0) -> None:
    """Add units of work, and raise TooComplex if they and a step for each token are too many."""
    env["work"] += units
    if env["work"] + tokens * _STEP > _MOST_WORK:
        raise TooComplex


def _inline_work(state: Any, _silent: bool) -> bool:
    spend(state.env, _STEP)
    return False


def _emphasis_work(state: Any) -> None:
    spend(state.env, _STEP * len(state.delimiters))


def _block_work(state: Any, _start: int, _end: int, _silent: bool) -> bool:
    spend(state.env, _STEP, len(state.tokens))
    return False


def _tokens_work(state: Any) -> None:
    spend(state.env, _STEP * len(state.tokens))
