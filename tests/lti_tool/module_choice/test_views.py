"""Choosing a module: by the resource link, by the instructor, or by deep linking."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.support.driver import Driver, claims_in, forms
from tests.support.site import Site
from tests.support.tabs import opened

LINK = "https://purl.imsglobal.org/spec/lti/claim/resource_link"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
TARGET = "https://purl.imsglobal.org/spec/lti/claim/target_link_uri"
ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
ROLES = "https://purl.imsglobal.org/spec/lti/claim/roles"
SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"


def launched(browser: Driver, user: str, link: str, **custom: str):
    """A launch of the resource link with this ID, with these custom parameters only."""

    def change(claims):
        claims[LINK] = {"id": link, "title": "An activity"}
        claims[CUSTOM] = custom

    return browser.launch(user, mutate=change, language="es")


def choose_in(page):
    [form] = [each for each in forms(page) if each.action.endswith("/choose")]
    return form


@pytest.mark.both_engines
def test_without_a_module_instructors_choose_and_participants_read_why(
    home: Site,
) -> None:
    student, teacher = home.browser(), home.browser()
    waiting = launched(student, "joao", "unchosen")
    assert waiting.status_code == 200
    assert 'name="module"' not in waiting.text
    asked = launched(teacher, "maria", "unchosen")
    assert urlsplit(asked.url).path.endswith("/choose")
    assert 'type="radio" name="module" value="module-4"' in " ".join(asked.text.split())
    shown = teacher.submit(choose_in(asked), module="module-4")
    assert "Cooperación entre ciudades" in shown.text
    assert "Cooperación entre ciudades" in launched(student, "joao", "unchosen").text


def test_instructors_can_change_the_module_later_and_participants_cannot(home: Site) -> None:
    student, teacher = home.browser(), home.browser()
    page = launched(teacher, "maria", "changing", module="module-4")
    path = urlsplit(page.url).path
    assert f"{path}choose" in page.text, "the way to change it is on the page"
    teacher.submit(choose_in(teacher.get(f"{path}choose")), module="how-to-write-a-module")
    # The choice applies although the link still names the other module.
    again = launched(student, "joao", "changing", module="module-4")
    assert "how-to-write-a-module" in again.text
    theirs = urlsplit(again.url).path
    assert student.get(f"{theirs}choose").status_code == 403
    token = again.text.split('name="minga-token" content="')[1].split('"')[0]
    refused = student.post(f"{theirs}choose", {"token": token, "module": "module-4"})
    assert refused.status_code == 403


def test_a_post_for_one_module_is_never_published_in_another(home: Site) -> None:
    student, teacher = home.browser(), home.browser()
    page = launched(student, "joao", "swapped", module="module-4")
    [composer] = [each for each in forms(page) if "draft_key" in each.fields]
    path = urlsplit(launched(teacher, "maria", "swapped", module="module-4").url).path
    teacher.submit(choose_in(teacher.get(f"{path}choose")), module="how-to-write-a-module")
    refused = student.submit(composer, text="Escrito para el módulo 4")
    assert refused.status_code == 409
    assert "Escrito para el módulo 4" in refused.text
    assert "Escrito para el módulo 4" not in student.get(urlsplit(page.url).path).text
    # It is theirs to decide: the form that came back publishes it in the module that is here now.
    [again] = [each for each in forms(refused) if "draft_key" in each.fields]
    assert student.submit(again).status_code == 200
    assert "Escrito para el módulo 4" in student.get(urlsplit(page.url).path).text


@pytest.mark.parametrize(
    ("custom", "target", "shown"),
    [
        ({"module": "module-4"}, None, "Cooperación entre ciudades"),
        ({}, "/m/module-4", "Cooperación entre ciudades"),
        ({}, "/lti/launch?module=module-4", "Cooperación entre ciudades"),
        ({"module": "module-4"}, "/m/how-to-write-a-module", "Cooperación entre ciudades"),
        ({}, "/lti/launch/m/module-4", "Cooperación entre ciudades"),
        ({}, "/m/module-4/", "Cooperación entre ciudades"),
        ({}, "/m/module-4//", "Cooperación entre ciudades"),
        ({}, "/m/Module-4", "Cooperación entre ciudades"),
        ({}, "/m/MODULE-4/?a=b", "Cooperación entre ciudades"),
        ({}, "/m/module%2D4", "Cooperación entre ciudades"),
        ({}, "/m/module-4/#section", "Cooperación entre ciudades"),
        ({}, "/lti/launch?module=Module%2D4", "Cooperación entre ciudades"),
        ({"module": "MODULE-4"}, None, "Cooperación entre ciudades"),
        ({"module": "$Unknown"}, "/m/module-4/", "Cooperación entre ciudades"),
        ({"module": "no-such-module"}, "/m/module-4", "Cooperación entre ciudades"),
        ({"module": "../../etc"}, None, None),
        ({}, "/m/", None),
        ({}, "/x/m/module-4", None),
        ({"module": "$Unknown.variable"}, None, None),
        ({}, "/m/no-such-module", None),
    ],
)
def test_the_link_names_the_module(
    home: Site, custom: dict[str, str], target: str | None, shown: str | None
) -> None:
    browser = home.browser()
    wanted = f"{home.tool.url}{target or '/lti/launch'}"

    def change(claims):
        claims[LINK] = {"id": f"link {custom} {target}"[:200]}
        claims[CUSTOM] = custom
        claims[TARGET] = wanted

    page = browser.launch("joao", mutate=change, fields={"target_link_uri": wanted}, language="es")
    assert page.status_code == 200
    assert (shown in page.text) if shown else ("data-section" not in page.text)


@pytest.mark.parametrize("target", ["/m/module-9", "/m/module-9/", "/lti/launch?module=module-9"])
def test_an_unknown_module_is_named(home: Site, target: str) -> None:
    link, url = f"unknown {target}", home.tool.url + target
    student = opened(home, link, target=url)
    assert "the module “module-9”, which this tool does not have" in student.page.text
    teacher = opened(home, link, user="maria", target=url)
    assert urlsplit(teacher.page.url).path.endswith("/choose")
    assert "the module “module-9”, which this tool does not have" in teacher.page.text
    assert teacher.choose("module-4").status_code == 303
    assert "City-to-city cooperation" in student.get().text
    assert "module-9" not in teacher.get("choose").text


def test_choosing_no_or_an_unknown_module_shows_the_form_again(home: Site) -> None:
    browser = home.browser()
    form = choose_in(launched(browser, "maria", "asked again"))
    for wanted in (None, "", "no-such-module"):
        page = browser.submit(form, module=wanted)
        assert page.status_code == 400
        assert 'role="alert"' in page.text
        assert 'name="module"' in page.text


def deep_linked(browser: Driver, page, modules: list[str], **changed: str):
    form = choose_in(page)
    values = {**form.fields, **changed}
    fields = [(name, value) for name, value in values.items() if name != "module"]
    return browser.post(form.action, [*fields, *(("module", each) for each in modules)])


@pytest.mark.parametrize(
    ("method", "maximum", "points"),
    [
        ("none", "", None),
        ("no-such-method", "5", None),
        ("participation", "", 100),
        ("completion", "1", 1),
        ("manual", "2,5", 2.5),
        ("participation", "10000", 10_000),
    ],
)
def test_a_grade_that_is_chosen_with_the_module(
    home: Site, method: str, maximum: str, points: float | None
) -> None:
    browser = home.browser()
    page = browser.deep_link("maria")
    back = deep_linked(browser, page, ["module-4"], method=method, maximum=maximum)
    [form] = [each for each in forms(back) if "JWT" in each.fields]
    [item] = claims_in(form.fields["JWT"])[ITEMS]
    assert item.get("lineItem", {}).get("scoreMaximum") == points
    assert ("gradesettings" in item["custom"]) == (points is not None)


@pytest.mark.parametrize("maximum", ["0", "-1", "ten", "nan", "10001", "1e400", "٥x"])
def test_points_that_are_no_number_are_asked_for_again(home: Site, maximum: str) -> None:
    browser = home.browser()
    page = browser.deep_link("maria")
    back = deep_linked(browser, page, ["module-4"], method="manual", maximum=maximum)
    assert back.status_code == 400
    again = choose_in(back)
    assert (again.fields["method"], again.fields["maximum"]) == ("manual", maximum)


def test_deep_linking_responds_with_signed_resource_links(home: Site) -> None:
    browser = home.browser()
    page = browser.deep_link("maria")
    assert 'type="checkbox" name="module"' in " ".join(page.text.split())
    back = deep_linked(browser, page, ["module-4", "how-to-write-a-module"])
    [form] = [each for each in forms(back) if "JWT" in each.fields]
    claims = claims_in(form.fields["JWT"])
    items = claims[ITEMS]
    assert {item["type"] for item in items} == {"ltiResourceLink"}
    assert {item["url"] for item in items} == {
        f"{home.tool.url}/lti/launch/m/module-4",
        f"{home.tool.url}/lti/launch/m/how-to-write-a-module",
    }
    four = next(item for item in items if item["custom"]["module"] == "module-4")
    selected = datetime.fromisoformat(four["custom"].pop("selected"))
    assert abs(datetime.now(UTC) - selected) < timedelta(minutes=1)
    assert four["custom"] == {
        "module": "module-4",
        "resource_link_id_history": "$ResourceLink.id.history",
        "context_id_history": "$Context.id.history",
    }
    assert four["title"] == "Cooperación entre ciudades y desarrollo económico local"
    assert four["text"]
    assert f"form-action 'self' {home.lms.url} https:;" in back.headers["Content-Security-Policy"]
    # The platform checks the signature and everything else, and makes the placements.
    before = set(home.lms.state.resource_links)
    assert browser.submit(form).status_code == 200
    made = set(home.lms.state.resource_links) - before
    assert len(made) == 2
    for each in made:
        assert "data-section" in browser.launch("joao", each).text


def test_one_item_where_the_platform_accepts_one(home: Site) -> None:
    browser = home.browser()

    def change(claims):
        claims[SETTINGS]["accept_multiple"] = False

    page = browser.deep_link("maria", mutate=change)
    assert 'type="radio" name="module"' in " ".join(page.text.split())
    back = deep_linked(browser, page, ["module-4", "how-to-write-a-module"])
    [form] = [each for each in forms(back) if "JWT" in each.fields]
    assert len(claims_in(form.fields["JWT"])[ITEMS]) == 1


@pytest.mark.parametrize("data", [None, "opaque ñ"])
def test_data_is_echoed_only_where_it_was_sent(home: Site, data: str | None) -> None:
    browser = home.browser()

    def change(claims):
        claims[SETTINGS].pop("data", None)
        if data is not None:
            claims[SETTINGS]["data"] = data

    back = deep_linked(browser, browser.deep_link("maria", mutate=change), ["module-4"])
    [form] = [each for each in forms(back) if "JWT" in each.fields]
    claims = claims_in(form.fields["JWT"])
    assert claims.get(DATA) == data
    assert (DATA in claims) is (data is not None)


DESIGNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
MENTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
LIBRARIAN = "http://purl.imsglobal.org/vocab/lis/v2/membership/ContentDeveloper#Librarian"


@pytest.mark.parametrize(
    ("roles", "may_choose"),
    [
        ([DESIGNER], True),
        (["ContentDeveloper"], True),
        ([LIBRARIAN], True),
        ([DESIGNER, LEARNER], True),
        ([LEARNER], False),
        ([MENTOR], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("context", ["coop-101", None])
def test_course_designers_choose_modules_and_are_not_staff(
    home: Site, roles: list[str], may_choose: bool, context: str | None
) -> None:
    link = f"designed by {roles} in {context}"[-250:]
    tab = opened(home, link, sub=link, roles=roles, context=context)
    assert urlsplit(tab.page.url).path.endswith("/choose") is may_choose
    assert tab.choose("module-4").status_code == (303 if may_choose else 403)
    if may_choose:
        assert f'href="{tab.path}choose"' in tab.get().text
    assert tab.get("packages").status_code == 403
    assert f'href="{tab.path}packages"' not in tab.get().text


@pytest.mark.parametrize("roles", [[DESIGNER], [DESIGNER, LEARNER]])
def test_course_designers_answer_a_deep_linking_request(home: Site, roles: list[str]) -> None:
    browser = home.browser()

    def change(claims):
        claims[ROLES] = roles

    page = browser.deep_link("maria", mutate=change)
    back = deep_linked(browser, page, ["module-4"])
    [form] = [each for each in forms(back) if "JWT" in each.fields]
    assert browser.submit(form).status_code == 200


def test_a_participant_cannot_answer_a_deep_linking_request(home: Site) -> None:
    page = home.browser().deep_link("joao")
    assert page.status_code == 403


def test_a_request_that_accepts_no_resource_link_is_refused(home: Site) -> None:
    browser = home.browser()

    def change(claims):
        claims[SETTINGS]["accept_types"] = ["html", "image"]

    page = browser.deep_link("maria", mutate=change, language="en")
    assert page.status_code == 409
    assert "No activity can be added here" in page.text
    token = page.text.split('name="minga-token" content="')[1].split('"')[0]
    answer = browser.post(urlsplit(page.url).path, {"token": token, "module": "module-4"})
    assert answer.status_code == 409
    [back] = [each for each in forms(page) if each.action.endswith("/choose")]
    [form] = [each for each in forms(browser.submit(back, act="cancel")) if "JWT" in each.fields]
    claims = claims_in(form.fields["JWT"])
    assert claims[ITEMS] == []
    assert "something else here" in claims["https://purl.imsglobal.org/spec/lti-dl/claim/errormsg"]


def checked(page) -> list[str]:
    """The modules that are marked as selected."""
    text = " ".join(page.text.split())
    return [
        module
        for module in ("module-4", "how-to-write-a-module")
        if f'value="{module}" checked' in text
    ]


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("link", "custom", "target", "marked"),
    [
        (None, {}, None, []),
        (None, {"module": "module-4"}, None, ["module-4"]),
        (None, {"module": "$Unknown.variable"}, None, []),
        (None, {"module": "no-such-module"}, None, []),
        (None, {}, "/m/how-to-write-a-module", ["how-to-write-a-module"]),
        ("edited", {}, None, ["module-4"]),
        ("edited", {"module": "module-4"}, None, ["module-4"]),
        ("never opened", {}, None, []),
    ],
)
@pytest.mark.parametrize("multiple", [True, False])
def test_a_deep_linking_request_marks_what_is_linked_already(
    home: Site, link: str | None, custom: dict, target: str | None, marked: list, multiple: bool
) -> None:
    teacher = opened(home, "edited", user="maria", sub="chooser")
    assert teacher.choose("module-4").status_code == 303
    before = teacher.get().text
    wanted = f"{home.tool.url}{target or '/lti/launch'}"
    browser = home.browser()

    def change(claims):
        claims[CUSTOM] = custom
        claims[TARGET] = wanted
        claims[SETTINGS]["accept_multiple"] = multiple
        if link:
            claims[LINK] = {"id": link, "title": "Being edited"}

    page = browser.deep_link("maria", mutate=change, fields={"target_link_uri": wanted})
    assert checked(page) == marked
    assert "does not have" not in page.text
    # Nothing but the choice is offered, and nothing is changed by asking.
    path = page.url.rsplit("/choose", 1)[0]
    assert browser.get(f"{urlsplit(path).path}/packages").status_code in (200, 403, 404)
    assert teacher.get().text.split("<h1")[1].split("</h1>")[0] in before


def test_modules_of_the_course_are_labelled(home: Site) -> None:
    label = "Already in this course"
    context = "a course with one module"
    first = opened(home, "labelled one", user="maria", context=context)
    assert label not in first.page.text
    assert first.choose("module-4").status_code == 303
    assert label not in first.get("choose").text, "its own module is the selected one"
    second = opened(home, "labelled two", user="maria", context=context)
    assert second.page.text.count(label) == 1
    card = second.page.text.split('value="module-4"')[1].split("</label>")[0]
    assert label in card
    elsewhere = opened(home, "labelled three", user="maria", context="a course without")
    assert label not in elsewhere.page.text


@pytest.mark.parametrize("module", [None, "module-4", "no-such-module"])
def test_there_is_a_way_back_where_a_module_is_shown(home: Site, module: str | None) -> None:
    custom = {"module": module} if module else {}
    tab = opened(home, f"way back {module}", user="maria", custom=custom)
    page = tab.get("choose")
    back = f'<a class="button quiet" href="{tab.path}">Cancel</a>'
    assert (back in page.text) is (module == "module-4")
