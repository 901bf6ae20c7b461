"""Choose modules: for a resource link without a module, and for a deep-linking request."""

import time

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from courseware.languages import choose as choose_language
from courseware.languages import endonym
from courseware.module import Module
from lti_tool.lti import deep_linking
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.urls import origin
from lti_tool.module_choice import service
from lti_tool.sessions.guards import chooser_required, open_to_previews
from lti_tool.sessions.requests import current_module, current_session, see_other
from lti_tool.web.assets import media_url
from lti_tool.web.context import database, library, settings, tool
from lti_tool.web.pages import message_page, render, ui, wanted_languages
from lti_tool.web.security import allow_forms
from lti_tool.web.wording import N_

blueprint = Blueprint("module_choice", __name__)

_FOR_INSTRUCTORS = N_("Only an instructor of the course can choose what is shown here.")


@blueprint.get("/choose")
@chooser_required(_FOR_INSTRUCTORS)
def choices() -> Response:
    """List the modules."""
    return _no_link_accepted() or _choice_page(request.args.getlist("module"))


@blueprint.post("/choose")
@open_to_previews
@chooser_required(_FOR_INSTRUCTORS)
def choose() -> Response:
    """Set the module of the resource link, or return the chosen modules to the platform."""
    refused = _no_link_accepted()
    if refused is not None:
        return refused
    launch_session = current_session()
    chosen = request.form.getlist("module")
    modules = service.modules_by_ids(library().modules(), chosen)
    if not modules:
        return _choice_page(chosen, error=ui().gettext("Choose a module first."), status=400)
    link_settings = service.deep_linking_settings(launch_session)
    if link_settings is not None:
        return _deep_linking_response(link_settings, modules)
    service.choose_module(database(), launch_session, modules[0])
    return see_other(launch_session.path)


def _no_link_accepted() -> Response | None:
    """A refusal where the platform accepts only other content, such as an image or a file."""
    link_settings = service.deep_linking_settings(current_session())
    if link_settings is None or deep_linking.RESOURCE_LINK in link_settings.accept_types:
        return None
    gettext = ui().gettext
    return message_page(
        gettext("No activity can be added here"),
        [
            gettext(
                "Your platform is asking for something else here. Add Minga where activities "
                "are added to a course."
            )
        ],
        status=409,
    )


def _choice_page(selected: list[str], *, error: str | None = None, status: int = 200) -> Response:
    launch_session = current_session()
    link_settings = service.deep_linking_settings(launch_session)
    current = selected or ([launch_session.module_id] if launch_session.module_id else [])
    return render(
        "tool/choose.html",
        status=status,
        modules=[_card(module, current) for module in library().modules()],
        multiple=link_settings is not None and link_settings.accept_multiple,
        deep_linking=link_settings is not None,
        action=url_for(".choose"),
        error=error,
        unknown_module=launch_session.module_id if current_module() is None else None,
    )


def _card(module: Module, selected: list[str]) -> dict[str, object]:
    language = choose_language(wanted_languages(), module.languages, module.source_language)
    source = module.source_language
    return {
        "module_id": module.id,
        "number": module.number,
        "title": module.titles.get(language, module.titles[source]),
        "summary": module.summaries.get(language) or module.summaries.get(source, ""),
        "minutes": module.minutes,
        "languages": [(tag, endonym(tag)) for tag in module.languages],
        "cover_src": media_url(module, module.cover) if module.cover else None,
        "cover_alt": module.cover_texts.get(language) or module.cover_texts.get(source, ""),
        "selected": module.id in selected,
        "lang": language,
    }


def _deep_linking_response(link_settings: DeepLinkingSettings, modules: list[Module]) -> Response:
    """A page that posts the signed deep-linking response to the platform (Deep Linking 2.0 §4)."""
    registration, deployment_id = service.registration_of(database(), current_session())
    accepted = modules if link_settings.accept_multiple else modules[:1]
    token = deep_linking.response_token(
        tool().signing_keys,
        registration,
        deployment_id,
        link_settings,
        [_item(module) for module in accepted],
        now=time.time(),
    )
    # The platform may redirect to another origin of its own, and browsers check that one too.
    allow_forms(origin(link_settings.return_url) or "", "https:")
    return render(
        "tool/deep_linking_return.html",
        return_url=link_settings.return_url,
        jwt=token,
        platform_name=registration.name,
    )


def _item(module: Module) -> deep_linking.ResourceLinkItem:
    language = choose_language(wanted_languages(), module.languages, module.source_language)
    source = module.source_language
    return deep_linking.ResourceLinkItem(
        url=settings().public_url + url_for("launches.link", module_id=module.id),
        title=module.titles.get(language, module.titles[source]),
        text=module.summaries.get(language) or module.summaries.get(source),
        custom={"module": module.id},
    )
