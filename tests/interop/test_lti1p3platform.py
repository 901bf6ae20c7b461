"""Our tool, launched and served by ``lti1p3platform``."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.lti.ags.line_items import (
    GRADE_SCOPES,
    LineItem,
    create_line_item,
    delete_line_item,
    list_line_items,
    read_line_item,
    update_line_item,
)
from lti_tool.lti.ags.scores import Score, ScoreOutcome, list_results, put_score
from lti_tool.lti.launch import GradeService, RosterService
from lti_tool.lti.nrps import roster_pages
from lti_tool.lti.service_connector import PlatformConnector
from tests.interop.light_platform import LightPlatform
from tests.support.plain_browser import PlainBrowser, forms

pytestmark = pytest.mark.interop

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def services(
    light: LightPlatform, services_of: Callable[[str], PlatformConnector]
) -> PlatformConnector:
    return services_of("light-client")


@pytest.fixture
def grades(light: LightPlatform) -> GradeService:
    return GradeService(light.url + "/line-items", None, tuple(GRADE_SCOPES))


@pytest.mark.parametrize("user", ["t-1", "s-1", "s-2"])
def test_all_roles_reach_the_module(
    light: LightPlatform, anonymous_user: PlainBrowser, user: str
) -> None:
    form = forms(anonymous_user.get(f"{light.url}/launch/open/{user}"))[0]
    page = anonymous_user.submit(form)
    assert page.status_code == 200
    assert "/l/" in page.url
    assert 'id="introduction"' in page.text


def test_an_id_token_is_accepted_once(light: LightPlatform, anonymous_user: PlainBrowser) -> None:
    form = forms(anonymous_user.get(f"{light.url}/launch/open/s-1"))[0]
    assert anonymous_user.submit(form).status_code == 200
    again = anonymous_user.submit(form)
    assert 400 <= again.status_code < 500
    assert "/l/" not in again.url


def test_an_instructor_chooses_modules(light: LightPlatform, anonymous_user: PlainBrowser) -> None:
    chooser = anonymous_user.submit(forms(anonymous_user.get(f"{light.url}/launch/choose/t-1"))[0])
    assert chooser.status_code == 200
    answer = anonymous_user.submit(forms(chooser)[0], module="module-4")
    sent = anonymous_user.submit(forms(answer)[0])
    assert sent.url == light.url + "/chosen"
    assert "Chosen." in sent.text
    assert [item["type"] for item in light.items] == ["ltiResourceLink"]
    assert light.items[0]["custom"]["module"] == "module-4"
    light.custom = light.items[0]["custom"]
    form = forms(anonymous_user.get(f"{light.url}/launch/open/s-1"))[0]
    assert anonymous_user.submit(form).status_code == 200


def test_a_participant_cannot_choose_modules(
    light: LightPlatform, anonymous_user: PlainBrowser
) -> None:
    page = anonymous_user.submit(forms(anonymous_user.get(f"{light.url}/launch/choose/s-1"))[0])
    assert page.status_code == 403


def test_members_are_read(light: LightPlatform, services: PlatformConnector) -> None:
    [page] = roster_pages(services, RosterService(light.url + "/members"))
    assert not page.invalid
    assert [m.user.name for m in page.members] == [
        "María Núñez", "João Araújo", "أمينة السعدي",
    ]  # fmt: skip
    assert [m.roles.instructor for m in page.members] == [True, False, False]
    service = RosterService(light.url + "/members")
    [placed] = roster_pages(services, service, resource_link_id="link-1")
    assert len(placed.members) == 3


def test_line_items_are_created_and_updated(
    light: LightPlatform, services: PlatformConnector, grades: GradeService
) -> None:
    made = create_line_item(services, grades, LineItem("Participación", 20, resource_id="m4"))
    assert made.id is not None
    assert made.id.startswith(light.url + "/line-items/")
    assert list_line_items(services, grades).items == (made,)
    assert list_line_items(services, grades, resource_id="other").items == ()
    renamed = update_line_item(
        services, grades, LineItem("Taller", 10, id=made.id, resource_id="m4")
    )
    assert read_line_item(services, grades, made.id) == renamed
    assert delete_line_item(services, grades, made.id) is True
    assert delete_line_item(services, grades, made.id) is False
    assert light.line_items == {}


def test_scores_are_stored_in_order(
    light: LightPlatform, services: PlatformConnector, grades: GradeService
) -> None:
    column = create_line_item(services, grades, LineItem("Participación", 20)).id
    assert column is not None

    def send(points: float, minutes: int) -> ScoreOutcome:
        moment = NOW + timedelta(minutes=minutes)
        return put_score(services, grades, column, Score("s-1", moment, points, 10))

    assert send(5, 0) is ScoreOutcome.RECORDED
    assert send(4, -1) is ScoreOutcome.OUTDATED
    assert send(8, 1) is ScoreOutcome.RECORDED
    found = list_results(services, grades, column).results
    assert [(r.subject, r.score, r.maximum) for r in found] == [("s-1", 16.0, 20.0)]
    assert list_results(services, grades, column, subject="s-2").results == ()
    gone = put_score(services, grades, column + "x", Score("s-1", NOW, 1, 10))
    assert gone is ScoreOutcome.GONE
