"""Every route stands in the authorization table, and admits only those whom the table names."""

import pytest

from lti_tool.web.assets import asset, media_url
from tests.lti_tool.routes import PUBLIC_ROUTES, ROUTES, PublicRoute, Route
from tests.support.site import Site
from tests.support.tabs import Tab, opened

NAME = "João Araújo"


@pytest.fixture(scope="module")
def tab(home: Site) -> Tab:
    return opened(home, "an activity", custom={"module": "module-4"}, role="Instructor")


def path_of(route: Route) -> str:
    return route.path.format(post=1, reply=1, package=1, user=1, file=1)


def test_every_route_stands_in_the_table(home: Site) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in home.tool.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(route.endpoint, route.method) for route in (*ROUTES, *PUBLIC_ROUTES)}


def test_the_table_names_the_routes_of_sessions_only_below_their_prefix(home: Site) -> None:
    below = {
        rule.endpoint
        for rule in home.tool.app.url_map.iter_rules()
        if rule.rule.startswith("/l/<session_id>/")
    }
    assert below == {route.endpoint for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_session_is_closed_to_another_browser(home: Site, tab: Tab, route: Route) -> None:
    stranger = home.browser()
    for token in (None, "guess"):
        data = {} if token is None else {"token": token}
        url = tab.path + path_of(route)
        response = stranger.request(route.method, url, data=data | route.fields)
        assert response.status_code == 403
        assert NAME not in response.text


@pytest.mark.parametrize("route", [each for each in ROUTES if each.method == "POST"], ids=str)
def test_the_cookie_alone_changes_nothing(tab: Tab, route: Route) -> None:
    response = tab.browser.request("POST", tab.path + path_of(route), data=route.fields)
    assert response.status_code == 403


@pytest.mark.parametrize("route", PUBLIC_ROUTES, ids=str)
def test_a_public_route_answers_anybody(home: Site, tab: Tab, route: PublicRoute) -> None:
    [module] = [each for each in home.tool.tool.library.modules() if each.id == "module-4"]
    assert module.cover is not None
    path = route.path.format(asset=asset("icon.svg"), media=media_url(module, module.cover))
    response = home.browser().request(route.method, home.tool.url + path)
    assert response.status_code == route.status
    assert NAME.encode() not in response.content
