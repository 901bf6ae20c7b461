"""Accessibility violations of a page in light and in dark mode (axe-core)."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

AXE = Axe()
# This reporter returns the violations only: it describes no element that passes.
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules whose result depends on colours: the stylesheets change only these in dark mode."""
OTHER_RULES = {
    "rules": {"target-size": {"enabled": True}, **{rule: {"enabled": False} for rule in COLOURS}},
    "reporter": "no-passes",
}
COLOUR_RULES = {"runOnly": COLOURS, "reporter": "no-passes"}


PARTS = "nav, section, article, form, details, .post-head"
REPEATED = "[data-repeated]"


def mark_repeated(page: Page, seen: set[str]) -> None:
    """Mark the parts of a page that are in ``seen`` as repeated, and add the others to ``seen``.

    A part is its HTML and the tags around it: what its colours depend on, in one stylesheet.
    """
    parts: list[str] = page.evaluate(
        """parts => [...document.querySelectorAll(parts)].map(part => {
             let key = part.outerHTML;
             for (let each = part.parentElement; each; each = each.parentElement)
               key += each.cloneNode(false).outerHTML;
             return key; })""",
        PARTS,
    )
    page.evaluate(
        """([parts, repeated]) => document.querySelectorAll(parts).forEach((part, number) => {
             if (repeated[number]) part.dataset.repeated = ""; })""",
        [PARTS, [part in seen for part in parts]],
    )
    seen.update(parts)


def violations(page: Page | Frame, scheme: Scheme = "light") -> list[tuple[str, ...]]:
    """Return the violated rules, each with the HTML of its elements.

    In dark mode only the rules on colours run, so call it in light mode too. These rules are the
    slowest ones, and leave out the parts that are marked as repeated.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate(
        """async ([rules, colours, repeated]) => {
             const found = rules ? (await axe.run(document, rules)).violations : [];
             const context = { include: [["html"]], exclude: [[repeated]] };
             return [...found, ...(await axe.run(context, colours)).violations]; }""",
        [OTHER_RULES if scheme == "light" else None, COLOUR_RULES, REPEATED],
    )
    return [(one["id"], *(node["html"][:200] for node in one["nodes"])) for one in found]
