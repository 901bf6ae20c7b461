"""Options that are chosen with a module: they travel with the link, and a later change wins."""

import json
from datetime import timedelta
from itertools import count

import pytest

from lti_tool.storage.database import now
from tests.lti_tool.module_choice.picker import Picker, settings_of
from tests.support.site import Site
from tests.support.tabs import Tab, opened

FOUR, WRITING = "module-4", "how-to-write-a-module"
DATES = {
    "module-4.opens_date": "2030-09-01",
    "module-4.opens_time": "08:30",
    "module-4.closes_date": "2030-12-20",
    "time_zone": "America/Lima",
}
_numbers = count()


def select(home: Site, **fields: str) -> dict[str, str]:
    """Select module 4 with options; return the custom parameters that the platform stores."""
    picker = Picker(home).press(FOUR, act="options").press(**fields)
    [item] = picker.items()
    return dict(item["custom"])


def activity() -> str:
    return f"activity with options {next(_numbers)}"


def teacher(home: Site, link: str, custom: dict[str, str], **given: str) -> Tab:
    return opened(home, link, user="maria", custom=custom, **given)


def test_the_response_has_what_was_chosen_for_each_module(home: Site) -> None:
    picker = Picker(home).press(FOUR, WRITING, act="options")
    picker.press(
        **DATES,
        **{
            "module-4.part": "section/videos",
            "module-4.language": "fr",
            "module-4.post_first": "yes",
            f"{WRITING}.part": "discussion",
        },
    )
    four, writing = sorted(picker.items(), key=lambda item: item["custom"]["module"] != FOUR)
    assert four["available"] == {"startDateTime": "2030-09-01T13:30:00.000Z"}
    assert four["submission"] == {"endDateTime": "2030-12-21T04:59:59.999Z"}
    assert four["title"].startswith("Vidéos – Coopération entre villes")
    assert four["url"] == f"{home.tool.url}/lti/launch/m/module-4/section/videos"
    assert four["custom"]["part"] == "section/videos"
    assert four["custom"]["modulelanguage"] == "fr"
    stated = json.loads(four["custom"]["discussionsettings"])
    assert (stated["must_post_first"], stated["time_zone"]) == (True, "America/Lima")
    assert writing["url"] == f"{home.tool.url}/lti/launch/m/{WRITING}/discussion"
    assert not {"available", "submission"} & set(writing)
    assert "discussionsettings" not in writing["custom"], "the default is not sent"


@pytest.mark.both_engines
def test_they_apply_at_the_first_launch_of_any_person(home: Site) -> None:
    fields = {"module-4.post_first": "yes", "module-4.groups": "separate"}
    custom = select(home, **DATES, **fields)
    link = activity()
    student = opened(home, link, custom=custom)
    assert "This discussion opens on" in student.page.text
    assert settings_of(teacher(home, link, custom)) == {
        "moderation": "reported",
        "groups": "separate",
        "must_post_first": "1",
        "opens_date": "2030-09-01",
        "opens_time": "08:30",
        "closes_date": "2030-12-20",
        "time_zone": "America/Lima",
    }


def test_a_later_change_wins_until_the_link_is_selected_again(home: Site) -> None:
    link, custom = activity(), select(home, **{"module-4.post_first": "yes"})
    tab = teacher(home, link, custom)
    assert tab.post("discussion/settings", **settings_of(tab) | {"must_post_first": ""}).ok
    assert "must_post_first" not in settings_of(teacher(home, link, custom))
    again = select(home, **{"module-4.post_first": "yes"})
    assert settings_of(teacher(home, link, again))["must_post_first"] == "1"
    # What a selection does not state stays as it is.
    assert settings_of(teacher(home, link, select(home)))["must_post_first"] == "1"


def test_a_change_after_the_selection_wins_although_the_link_was_not_opened_yet(
    home: Site,
) -> None:
    link = activity()
    tab = teacher(home, link, {"module": FOUR})
    custom = select(home, **{"module-4.post_first": "yes"})
    assert tab.post("discussion/settings", **settings_of(tab) | {"locked": "1"}).ok
    assert "must_post_first" not in settings_of(teacher(home, link, custom))


def test_a_copy_has_them_without_the_dates(home: Site) -> None:
    custom = select(home, **DATES, **{"module-4.post_first": "yes", "module-4.part": "discussion"})
    original = activity()
    teacher(home, original, custom)
    for history in ({}, {"resource_link_id_history": original}):
        copy = teacher(home, activity(), custom | history, context="another course")
        assert "This activity is the discussion of the module." in copy.page.text
        assert settings_of(copy)["must_post_first"] == "1"
        assert "opens_date" not in settings_of(copy)


def test_a_copy_follows_what_was_changed_in_the_original(home: Site) -> None:
    custom, original = select(home, **{"module-4.post_first": "yes"}), activity()
    tab = teacher(home, original, custom)
    assert tab.post("discussion/settings", **settings_of(tab) | {"must_post_first": ""}).ok
    history = {"resource_link_id_history": original}
    copy = teacher(home, activity(), custom | history, context="a third course")
    assert "must_post_first" not in settings_of(copy)


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "no JSON",
        "null",
        "[]",
        "[" * 900,
        '{"must_post_first": "yes"}',
        '{"must_post_first": 1, "locked": true, "anonymous": true}',
        '{"groups": "secret", "former_groups": "separate"}',
        '{"audience": ["institution"]}',
        '{"audience": "exchange-1"}',
        '{"audience": "everybody"}',
        '{"opens_at": "2030-01-01T00:00:00"}',
        '{"opens_at": "9999-12-31T23:59:59-23:59", "course": "COURSE"}',
        '{"closes_at": "0001-01-01T00:00:00+23:59", "course": "COURSE"}',
        '{"opens_at": "2031-01-01T00Z", "closes_at": "2030-01-01T00Z", "course": "COURSE"}',
        '{"opens_at": 12345678901234567890, "course": "COURSE"}',
        '{"time_zone": "../../etc/passwd", "opens_at": null, "course": "COURSE"}',
        json.dumps({"must_post_first": True, "x": "y" * 2000}),
    ],
)
def test_values_that_are_not_valid_are_ignored(home: Site, settings: str) -> None:
    dated = json.loads(select(home, **DATES)["discussionsettings"])
    custom = {
        "module": FOUR,
        "selected": (now() + timedelta(seconds=next(_numbers))).isoformat(),
        "discussionsettings": settings.replace("COURSE", dated["course"]),
    }
    tab = teacher(home, activity(), custom)
    assert tab.page.status_code == 200
    assert settings_of(tab) == {"moderation": "reported", "groups": "none", "time_zone": "UTC"}
    assert "This course alone reads this discussion." in tab.get("discussion/settings").text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("module-4.part", "section/not-there", "Choose one of these."),
        ("module-4.language", "ar", "Choose one of these."),
        ("module-4.audience", "exchange-7", "Choose one of these."),
        ("module-4.post_first", "perhaps", "Choose one of these."),
        ("module-4.opens_date", "tomorrow", "This is not a date."),
        ("module-4.opens_time", "10:00", "Choose the day too."),
        ("module-4.closes_date", "1999-01-01", "The discussion must close after it opens."),
        ("time_zone", "Atlantis", "Choose a time zone from the list."),
    ],
)
def test_what_is_wrong_is_marked_and_nothing_typed_is_lost(
    home: Site, field: str, value: str, message: str
) -> None:
    opens = {} if field.startswith("module-4.opens") else {"module-4.opens_date": "2030-01-01"}
    picker = Picker(home).press(FOUR, WRITING, act="options")
    picker.press(**opens, **{f"{WRITING}.post_first": "no", field: value})
    assert picker.page.status_code == 400
    assert message in picker.page.text
    fields = picker.form.fields
    assert fields[f"{WRITING}.post_first"] == "no"
    assert opens.items() <= fields.items()
    if field not in (
        "module-4.part",
        "module-4.language",
        "module-4.audience",
        "module-4.post_first",
    ):
        assert fields[field] == value


def test_the_audience_is_that_of_the_link(home: Site) -> None:
    custom = select(home, **{"module-4.audience": "institution"})
    tab = teacher(home, activity(), custom)
    assert (
        "Courses of your institution share this discussion." in tab.get("discussion/settings").text
    )
    copy = teacher(home, activity(), custom, context="a fourth course")
    assert "Courses of your institution share" in copy.get("discussion/settings").text


def test_course_designers_choose_no_audience(home: Site) -> None:
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper"

    def change(claims: dict) -> None:
        claims["https://purl.imsglobal.org/spec/lti/claim/roles"] = [role]

    picker = Picker(home, mutate=change).press(FOUR, act="options")
    assert "module-4.post_first" in picker.form.fields
    assert "module-4.audience" not in picker.form.fields
    picker.press(**{"module-4.audience": "institution"})
    assert picker.page.status_code == 400


def test_nothing_is_lost_on_the_way_between_the_pages(home: Site) -> None:
    picker = Picker(home).press(FOUR, act="options", method="manual", maximum="12")
    picker.press(**DATES, **{"module-4.part": "discussion"}, act="list")
    assert picker.selected() == [FOUR]
    picker.press(preview=WRITING)
    assert "How to write a module" in picker.page.text
    picker.press(act=f"select {WRITING}")
    assert sorted(picker.selected()) == sorted([FOUR, WRITING])
    picker.press(act="search", q="cooperation")
    picker.press(act="options")
    fields = picker.form.fields
    assert (fields["method"], fields["maximum"]) == ("manual", "12")
    assert DATES.items() <= fields.items()
    picker.press()
    parts = {item["custom"]["module"]: item["custom"].get("part") for item in picker.items()}
    assert parts == {FOUR: "discussion", WRITING: None}
    assert {item["lineItem"]["scoreMaximum"] for item in picker.items()} == {12}


def test_selecting_again_offers_the_part_that_is_linked(home: Site) -> None:
    custom = {"module": FOUR, "part": "section/videos", "modulelanguage": "pt"}

    def change(claims: dict) -> None:
        claims["https://purl.imsglobal.org/spec/lti/claim/custom"] = custom

    picker = Picker(home, mutate=change)
    assert picker.selected() == [FOUR]
    picker.press(act="options")
    fields = picker.form.fields
    assert (fields["module-4.part"], fields["module-4.language"]) == ("section/videos", "pt")
    picker.press(**{"module-4.part": ""})
    [item] = picker.items()
    assert "part" not in item["custom"]


def test_options_of_an_activity_without_deep_linking(home: Site) -> None:
    tab = teacher(home, activity(), {"module": FOUR})
    page = tab.post("choose", module=FOUR, act="options")
    assert page.status_code == 200
    assert 'name="module-4.part"' in page.text
    assert 'name="module-4.opens_date"' not in page.text, "on the discussion's own page"
    assert tab.post("choose", module=FOUR, **{"module-4.part": "section/x"}).status_code == 400
    chosen = {"module-4.part": "discussion", "module-4.language": "fr"}
    assert tab.post("choose", module=FOUR, **chosen).status_code == 303
    assert "Coopération" in opened(home, "none of these").page.text or "Coop" in tab.get().text


def test_grades_of_a_new_selection_apply_and_later_changes_win(home: Site) -> None:
    link = activity()

    def points(custom: dict[str, str]) -> str:
        page = teacher(home, link, custom).get("grades/settings")
        return page.text.split('name="maximum"')[1].split('value="')[1].split('"')[0]

    def graded(maximum: str) -> dict[str, str]:
        fields = {"module-4.method": "participation", "module-4.maximum": maximum}
        return select(home, **fields)

    first = graded("5")
    assert points(first) == "5"
    tab = teacher(home, link, first)
    given = {"method": "participation", "maximum": "7", "time_zone": "UTC", "sections_weight": "1"}
    counts = {"threads_number": "1", "replies_number": "2"}
    assert tab.post("grades/settings", **given, **counts).status_code == 303
    assert points(first) == "7"
    assert points(graded("9")) == "9"
    assert points(select(home)) == "9", "a selection without a grade leaves it"


def test_one_of_several_modules_is_graded(home: Site) -> None:
    picker = Picker(home).press(FOUR, WRITING, act="options")
    picker.press(**{"module-4.method": "manual", "module-4.maximum": "12,5"})
    graded = {item["custom"]["module"]: item.get("lineItem") for item in picker.items()}
    assert graded[WRITING] is None
    assert graded[FOUR]["scoreMaximum"] == 12.5


def test_the_grade_of_the_list_is_that_of_all_modules(home: Site) -> None:
    picker = Picker(home).press(FOUR, WRITING, act="options", method="completion", maximum="1")
    fields = picker.form.fields
    assert [fields[f"{module}.method"] for module in (FOUR, WRITING)] == ["completion"] * 2
    assert len([item for item in picker.press().items() if "lineItem" in item]) == 2
