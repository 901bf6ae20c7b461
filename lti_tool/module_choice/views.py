"""Choose modules: for a resource link without a module, and for a deep-linking request.

``act`` says what a button of the form does; without one, the choice is made.
"""

from collections.abc import Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from courseware.module import Module
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.module_choice import content, items, service
from lti_tool.module_choice.content import Kind, ModulePackage
from lti_tool.module_choice.pages import Picker, nothing_accepted
from lti_tool.module_choice.response import respond
from lti_tool.sessions.guards import chooser_required, open_to_previews
from lti_tool.sessions.requests import see_other
from lti_tool.storage.database import now
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import ui

blueprint = Blueprint("module_choice", __name__)

_FOR_INSTRUCTORS = N_("Only an instructor of the course can choose what is shown here.")
_MOST_WITH_OPTIONS = 50
"""Modules whose options are chosen at once; their fields must fit into a form."""
_MOST_PACKAGES = 10
"""Packages that are added at once."""


@blueprint.get("/choose")
@chooser_required(_FOR_INSTRUCTORS)
def choices() -> Response:
    """List the modules."""
    picker = Picker()
    return (
        picker.list_page(request.args.getlist("module")) if picker.kind else picker.nothing_page()
    )


@blueprint.post("/choose")
@open_to_previews
@chooser_required(_FOR_INSTRUCTORS)
def choose() -> Response:
    """Set the module of the resource link, or return the chosen modules to the platform.

    Before that, the list may be searched, a module looked at, and options chosen.
    """
    form, act, picker = request.form, request.form.get("act", ""), Picker()
    if act == "cancel" and picker.settings is not None:
        return respond(
            picker.requester, picker.settings, [], error=None if picker.kind else nothing_accepted()
        )
    if picker.kind is None:
        return picker.nothing_page()
    chosen = form.getlist("module")
    previewed, _, language = form.get("preview", "").partition(" ")
    if (module := library().get(previewed)) is not None:
        return picker.preview_page(module, language)
    if act in ("search", "list") or (act == "enter" and picker.search_changed):
        return picker.list_page(chosen)
    if act.startswith("select "):
        return picker.list_page([*(chosen if picker.several else []), act.partition(" ")[2]])
    modules = service.modules_by_ids(library().modules(), chosen)
    if not modules:
        return picker.list_page(chosen, error=ui().gettext("Choose a module first."))
    if picker.settings is not None and not picker.several:
        modules = modules[:1]
    if act == "options":
        return _options(picker, modules)
    if picker.settings is None:
        return _use(picker, modules[0])
    if picker.kind.key == content.LINK:
        return _add_links(picker, picker.settings, modules)
    if picker.kind.format:
        return _add_packages(picker, picker.settings, picker.kind, modules)
    return _add_activities(picker, picker.settings, modules)


def _options(picker: Picker, modules: list[Module]) -> Response:
    if len(modules) > _MOST_WITH_OPTIONS:
        text = ui().gettext("Choose at most %(n)s modules at once.", n=_MOST_WITH_OPTIONS)
        return picker.list_page(_ids(modules), error=text)
    return picker.options_page(picker.options(modules))


def _use(picker: Picker, module: Module) -> Response:
    """Set the module of the resource link."""
    options = picker.options([module])
    if not options.valid:
        return picker.options_page(options, error=_not_valid())
    [chosen] = options.modules
    part, language = chosen.part, chosen.language
    service.choose_module(database(), picker.session, module, part=part, language=language)
    return see_other(picker.session.path)


def _add_activities(
    picker: Picker, link_settings: DeepLinkingSettings, modules: list[Module]
) -> Response:
    options = picker.options(modules)
    if not options.valid:
        return picker.options_page(options, error=_not_valid())
    context_id, targets, moment = picker.requester.context_id, link_settings.accept_targets, now()
    return respond(
        picker.requester,
        link_settings,
        [
            items.resource_link(each, targets, context_id=context_id, now=moment)
            for each in options.modules
        ],
    )


def _add_links(
    picker: Picker, link_settings: DeepLinkingSettings, modules: list[Module]
) -> Response:
    urls = [picker.in_course.get(module.id) for module in modules]
    for module, url in zip(modules, urls, strict=True):
        if url is None:
            text = ui().gettext(
                "“%(module)s” is not in this course yet. Add it as an activity first.",
                module=items.words_of(module).title,
            )
            return picker.list_page(_ids(modules), error=text)
    found = zip(modules, urls, strict=True)
    return respond(
        picker.requester, link_settings, [items.link(module, url) for module, url in found if url]
    )


def _add_packages(
    picker: Picker, link_settings: DeepLinkingSettings, kind: Kind, modules: list[Module]
) -> Response:
    """Add the packages as files once the worker has built them; until then, a page that waits."""
    gettext = ui().gettext
    if len(modules) > _MOST_PACKAGES:
        text = gettext("Choose at most %(n)s modules at once.", n=_MOST_PACKAGES)
        return picker.list_page(_ids(modules), error=text)
    is_new = request.form.get("page") != "waiting"
    packages: list[ModulePackage] = []
    for module in modules:
        found = content.module_package(database(), settings(), module, kind.format, request=is_new)
        if found.error is not None:
            title = items.words_of(module).title
            text = gettext("The package of “%(module)s” could not be built.", module=title)
            return picker.list_page(_ids(modules), error=f"{text} {found.error}")
        packages.append(found)
    if not all(package.id for package in packages):
        return picker.waiting_page(packages)
    moment = now()
    return respond(
        picker.requester,
        link_settings,
        [items.file(each.module, each.id, kind.title, now=moment) for each in packages if each.id],
    )


def _ids(modules: Sequence[Module]) -> list[str]:
    return [module.id for module in modules]


def _not_valid() -> str:
    return ui().gettext("Nothing was added. Correct what is marked below.")
