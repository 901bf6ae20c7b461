"""Steps in the picker, and what an activity has of its options afterwards."""

from collections.abc import Sequence
from typing import Any

from tests.support.driver import Driver, Form, claims_in, forms
from tests.support.site import Site
from tests.support.tabs import Tab

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ITEMS = DL + "content_items"
SETTINGS = DL + "deep_linking_settings"


class Picker:
    """The picker of a deep-linking request, in a browser of an instructor."""

    def __init__(self, home: Site, user: str = "maria", **launch: Any) -> None:
        self.browser: Driver = home.browser()
        self.page = self.browser.deep_link(user, **{"language": "en", **launch})

    @property
    def form(self) -> Form:
        """The form of the present page."""
        return next(each for each in forms(self.page) if each.action.endswith("/choose"))

    def press(self, *modules: str, **fields: str | None) -> "Picker":
        """Submit the form of the present page with these modules selected, if any are given."""
        values = self.form.with_(**fields).fields
        chosen: Sequence[str] = modules or self.selected()
        given = [(name, value) for name, value in values.items() if name != "module"]
        self.page = self.browser.post(
            self.form.action, [*given, *(("module", module) for module in chosen)]
        )
        return self

    def selected(self) -> list[str]:
        """The modules that are selected on the present page, or before it."""
        text = " ".join(self.page.text.split())
        before = text.split('<input type="hidden" name="module" value="')[1:]
        here = text.split(' name="module" value="')[1:]
        return [
            *(each.split('"')[0] for each in before),
            *(each.split('"')[0] for each in here if each.split(">")[0].endswith(" checked")),
        ]

    def response(self) -> dict[str, Any]:
        """The claims of the response that the present page sends to the platform."""
        [form] = [each for each in forms(self.page) if "JWT" in each.fields]
        return claims_in(form.fields["JWT"])

    def items(self) -> list[dict[str, Any]]:
        """The content items of the response."""
        found: list[dict[str, Any]] = self.response()[ITEMS]
        return found


def settings_of(tab: Tab) -> dict[str, str]:
    """The fields of the discussion's settings that have a value, as an instructor sees them."""
    [form] = [each for each in forms(tab.get("discussion/settings")) if "moderation" in str(each)]
    return {name: value for name, value in form.fields.items() if value and name != "token"}
