"""The pages of the picker. All are answers to one form, and carry the fields of the others."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from courseware import parts
from courseware.module import Module
from lti_tool.discussion import audience
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.module_choice import content, options_form, presenter, search, service
from lti_tool.module_choice.content import ModulePackage
from lti_tool.module_choice.items import words_of
from lti_tool.module_choice.options_form import OptionsForm
from lti_tool.module_choice.search import Search
from lti_tool.module_choice.service import Requester
from lti_tool.module_page.link_notices import link_notices
from lti_tool.sessions.requests import current_module, current_session
from lti_tool.web import form_fields
from lti_tool.web.context import database, library
from lti_tool.web.pages import render, ui

_FEW_MODULES = 6
"""So many are in sight at once: there is no search."""


class Picker:
    """The picker of one request: who chooses, for what, and what was submitted."""

    def __init__(self) -> None:
        self.session = current_session()
        self.settings: DeepLinkingSettings | None = service.deep_linking_settings(self.session)
        self.submitted: MultiDict[str, str] = (
            request.form if request.method == "POST" else request.args
        )
        self.in_course = service.linked_modules(database(), self.session)
        self.kinds = content.kinds(self.settings, self.in_course)
        self.kind = next(
            (each for each in self.kinds if each.key == self.submitted.get("as")),
            self.kinds[0] if self.kinds else None,
        )

    @cached_property
    def requester(self) -> Requester:
        """Who sent the deep-linking request."""
        return service.requester_of(database(), self.session)

    @property
    def several(self) -> bool:
        """Whether several modules can be chosen."""
        return self.settings is not None and self.settings.accept_multiple

    @property
    def search_changed(self) -> bool:
        """Whether the search was changed since the list was shown."""
        before = Search.of(
            self.submitted.get("searched", ""), self.submitted.get("searched_in", "")
        )
        return self._search() != before

    def _search(self) -> Search:
        return Search.of(self.submitted.get("q", ""), self.submitted.get("in", ""))

    def audiences(self) -> Sequence[audience.Choice]:
        """The audiences that the user may choose: not those who only design the course."""
        if not (self.session.instructor or self.session.administrator):
            return ()
        with database().read_core() as connection:
            return audience.choices(connection, self.session)

    def options(self, modules: Sequence[Module]) -> OptionsForm:
        """Parse the options of the chosen modules; what is linked already is their default."""
        values = self.submitted.to_dict()
        for module in modules:
            if module.id == self.session.module_id and self.session.part in parts.choices(module):
                language = self.session.module_language or ""
                linked = {
                    "part": self.session.part,
                    "language": language if language in module.languages else "",
                }
                for name, value in linked.items():
                    values.setdefault(options_form.field_name(module, name), value)
        asks = any(name.endswith(".audience") and value for name, value in values.items())
        keys = [each.key for each in self.audiences()] if asks else []
        return options_form.parse(values, modules, keys, ui())

    def list_page(self, selected: list[str], *, error: str | None = None) -> Response:
        """The list of modules."""
        launch_session, missing = self.session, self._is_missing()
        current = selected or ([launch_session.module_id] if launch_session.module_id else [])
        notices = []
        if missing:
            with database().read_core() as connection:
                notices = link_notices(connection, launch_session, ui())
        every, wanted = library().modules(), self._search()
        found = {module.id for module in search.find(every, wanted)}
        listed = [module for module in every if module.id in found or module.id in selected]
        shown = ("module", *presenter.VISIBLE)
        return self._page(
            "tool/choose.html",
            shown,
            error=error,
            modules=[presenter.card(module, current, self.in_course) for module in listed],
            total=len(every),
            found=len(found),
            search=wanted,
            search_languages=search.languages_of(every),
            has_search=len(every) > _FEW_MODULES or bool(wanted),
            kinds=presenter.kinds(self.kinds, ui()),
            notices=notices,
            unknown_module=launch_session.module_id if missing else None,
        )

    def options_page(self, options: OptionsForm, *, error: str | None = None) -> Response:
        """The options of the chosen modules."""
        audiences, unfolded = self.audiences(), len(options.modules) == 1
        targets = self.settings.accept_targets if self.settings else ()
        cards = [
            presenter.options_card(each, audiences, targets, ui(), unfolded=unfolded)
            for each in options.modules
        ]
        fields = (card.name(field) for card in cards for field in options_form.FIELDS)
        return self._page(
            "tool/choose_options.html",
            {options_form.TIME_ZONE, "as", *fields},
            error=error,
            cards=cards,
            zone=options.zone,
            zone_error=options.zone_error,
            zones=form_fields.time_zones(),
        )

    def preview_page(self, module: Module, language: str) -> Response:
        """A module before it is chosen."""
        return self._page("tool/choose_preview.html", preview=presenter.preview(module, language))

    def waiting_page(self, packages: Sequence[ModulePackage]) -> Response:
        """The packages that are being built; the form is sent again after a moment."""
        titles = [(words_of(each.module), each.id is not None) for each in packages]
        return self._page("tool/choose_waiting.html", titles=titles)

    def nothing_page(self) -> Response:
        """A refusal where the platform accepts only other content, such as an image."""
        response = self._page("tool/choose_nothing.html", text=nothing_accepted())
        response.status_code = 409
        return response

    def _is_missing(self) -> bool:
        return self.settings is None and current_module() is None

    def _page(
        self,
        template: str,
        shown: Sequence[str] | set[str] = (),
        *,
        error: str | None = None,
        **context: Any,
    ) -> Response:
        launch_session, settings = self.session, self.settings
        back = None if settings or current_module() is None else launch_session.path
        return render(
            template,
            status=400 if error else 200,
            error=error,
            action=url_for(".choose"),
            deep_linking=settings is not None,
            multiple=self.several,
            gradable=settings is not None and settings.accept_line_item and self._adds_activity(),
            has_options=self._adds_activity(),
            method=self.submitted.get("method", "none"),
            maximum=self.submitted.get("maximum", ""),
            kind=self.kind.key if self.kind else "",
            # Some platforms take an empty response for an item: the way back is their address.
            back_href=launch_session.return_url if settings else back,
            state=presenter.state(self.submitted, shown),
            **context,
        )

    def _adds_activity(self) -> bool:
        return any(each.key == content.ACTIVITY for each in self.kinds)


def nothing_accepted() -> str:
    """Say that the platform accepts nothing that this tool has."""
    return ui().gettext(
        "Your platform is asking for something else here. Add Minga where activities are added to "
        "a course."
    )
