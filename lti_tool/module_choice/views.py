"""The chooser of modules: for a placement that has none, and for a deep-linking request."""

import time

from flask import Blueprint, request
from werkzeug.wrappers import Response

from courseware.languages import choose as choose_language
from courseware.languages import endonym
from courseware.module import Module
from lti_tool.lti import deep_linking
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.lti.urls import origin
from lti_tool.module_choice import service
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.context import database, library, settings, tool
from lti_tool.web.pages import message_page, render, ui, wanted_languages
from lti_tool.web.security import allow_forms
from lti_tool.web.static import media_url

blueprint = Blueprint("teaching", __name__)


@blueprint.get("/choose")
def choices() -> Response:
    """The modules that an instructor can choose from."""
    launch_session = current_session()
    return _refused(launch_session) or _chooser(launch_session, request.args.getlist("module"))


@blueprint.post("/choose")
def choose() -> Response:
    """Put the chosen module in the placement, or hand the chosen ones back to the platform."""
    launch_session = current_session()
    refused = _refused(launch_session)
    if refused is not None:
        return refused
    wanted = request.form.getlist("module")
    modules = service.chosen_modules(library().modules(), wanted)
    asked = service.deep_linking_settings(launch_session)
    if not modules:
        return _chooser(
            launch_session, wanted, error=ui().gettext("Choose a module first."), status=400
        )
    if asked is not None:
        return _hand_back(launch_session, asked, modules)
    service.choose_module(database(), launch_session, modules[0])
    return see_other("")


def _refused(launch_session: CurrentSession) -> Response | None:
    """A refusal where there is nothing to choose, or for who may not."""
    return _only_instructors(launch_session) or _only_where_links_are_taken(launch_session)


def _only_instructors(launch_session: CurrentSession) -> Response | None:
    """A refusal for who may not choose."""
    deep = launch_session.message_type == "LtiDeepLinkingRequest"
    if launch_session.instructor or (deep and launch_session.administrator):
        return None
    words = ui().gettext
    return message_page(
        words("For instructors only"),
        [words("Only an instructor of the course can choose what is shown here.")],
        actions=[] if deep else [(words("Back to the module"), launch_session.path)],
        status=403,
    )


def _only_where_links_are_taken(launch_session: CurrentSession) -> Response | None:
    """A refusal where the platform asks for a picture or a file, say, and takes no activity."""
    asked = service.deep_linking_settings(launch_session)
    if asked is None or deep_linking.RESOURCE_LINK in asked.accept_types:
        return None
    words = ui().gettext
    return message_page(
        words("No activity can be added here"),
        [
            words(
                "Your platform is asking for something else here. Add Minga where activities "
                "are added to a course."
            )
        ],
        status=409,
    )


def _chooser(
    launch_session: CurrentSession,
    selected: list[str],
    *,
    error: str | None = None,
    status: int = 200,
) -> Response:
    asked = service.deep_linking_settings(launch_session)
    here = selected or ([launch_session.module_id] if launch_session.module_id else [])
    return render(
        "tool/choose.html",
        status=status,
        modules=[_card(module, here) for module in library().modules()],
        multiple=asked is not None and asked.accept_multiple,
        deep_linking=asked is not None,
        action=f"{launch_session.path}choose",
        error=error,
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


def _hand_back(
    launch_session: CurrentSession, asked: DeepLinkingSettings, modules: list[Module]
) -> Response:
    """Sign the chosen modules and let the browser carry them to the platform."""
    registration, deployment_id = service.place_of(database(), launch_session)
    wanted = modules if asked.accept_multiple else modules[:1]
    token = deep_linking.response_token(
        tool().signing_keys,
        registration,
        deployment_id,
        asked,
        [_item(module) for module in wanted],
        now=time.time(),
    )
    allow_forms(origin(asked.return_url) or "")
    return render(
        "tool/deep_linking_return.html",
        return_url=asked.return_url,
        jwt=token,
        platform_name=registration.name,
    )


def _item(module: Module) -> deep_linking.ResourceLinkItem:
    language = choose_language(wanted_languages(), module.languages, module.source_language)
    source = module.source_language
    return deep_linking.ResourceLinkItem(
        url=f"{settings().public_url}/m/{module.id}",
        title=module.titles.get(language, module.titles[source]),
        text=module.summaries.get(language) or module.summaries.get(source),
        custom={"module": module.id},
    )
