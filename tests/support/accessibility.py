"""Accessibility violations of a page in light and in dark mode (axe-core)."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

AXE = Axe()
# This reporter returns the violations only: it describes no element that passes.
OPTIONS = {"rules": {"target-size": {"enabled": True}}, "reporter": "no-passes"}
COLOUR_RULES = {"runOnly": ["color-contrast", "link-in-text-block"], "reporter": "no-passes"}
"""The rules whose result depends on colours: the stylesheets change only these in dark mode."""


def violations(page: Page | Frame, scheme: Scheme = "light") -> list[tuple[str, ...]]:
    """Return the violated rules, each with the HTML of its elements.

    In dark mode only the rules on colours run, so call it in light mode too.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    options = OPTIONS if scheme == "light" else COLOUR_RULES
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        (one["id"], *(node["html"][:200] for node in one["nodes"])) for one in found["violations"]
    ]
