"""Render the page of the preview: the module page with its warnings, or the problems."""

from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from courseware import templating
from courseware.i18n import interface
from courseware.module import Module
from courseware.page import build
from scorm_builder.preview.watch import PreviewState

ASSETS = "/-/"


def module_page(shown: PreviewState, module: Module, language: str) -> str:
    """Return the module's page in one language, with the module's warnings above it."""
    page = build(module, language, media=lambda path: "/" + quote(path))
    return (
        _environment()
        .get_template("preview/module.html")
        .render(
            page=page,
            ui=interface(language),
            asset=_asset,
            language_href=lambda tag: f"/{tag}/",
            shown=shown,
        )
    )


def problems_page(shown: PreviewState, folder: str) -> str:
    """Return the page with the problems of a module that cannot be read."""
    return (
        _environment()
        .get_template("preview/problems.html")
        .render(ui=interface("en"), asset=_asset, shown=shown, folder=folder)
    )


def _asset(name: str) -> str:
    return ASSETS + name


@cache
def _environment() -> Environment:
    return templating.environment()
