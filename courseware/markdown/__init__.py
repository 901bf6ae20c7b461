"""Markdown to HTML: one profile for the authors of modules, a narrower one for posts.

markdown-it-py parses (CommonMark, with tables and strikethrough), nh3 sanitizes every tag,
attribute and URL. The HTML has no inline styles or scripts, so pages can forbid both (CSP).

``modules.py`` parses and renders the Markdown of modules, ``structure.py`` returns its headings and
the parts to be checked, ``other_dialects.py`` finds markup that is not supported. ``posts.py``
renders posts, and ``work_limit.py`` bounds what they may cost. Both use ``bare_urls.py`` (links
without markup) and ``html.py`` (sanitizing, and what both render alike).
"""

from courseware.markdown.modules import (
    HEADING_ID_PREFIX,
    ends_with_id,
    module_html,
    parse,
    parse_blocks,
    unsupported,
)
from courseware.markdown.posts import RENDERER, post_html, unformatted_html
from courseware.markdown.structure import (
    Heading,
    Part,
    has_markup,
    headings,
    parts,
    plain_title,
    title_of,
)
from courseware.markdown.work_limit import TooComplex

__all__ = [
    "HEADING_ID_PREFIX",
    "RENDERER",
    "Heading",
    "Part",
    "TooComplex",
    "ends_with_id",
    "has_markup",
    "headings",
    "module_html",
    "parse",
    "parse_blocks",
    "parts",
    "plain_title",
    "post_html",
    "title_of",
    "unformatted_html",
    "unsupported",
]
