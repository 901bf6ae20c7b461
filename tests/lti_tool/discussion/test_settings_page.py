"""The settings page of a discussion, and its groups."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from courseware.i18n import interface
from lti_tool.discussion.moderation import settings_form
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.roster import groups as roster
from lti_tool.roster.model import CourseRoster
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from tests.lti_tool.discussion.moderating import acts
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene

UI = interface("en")
VALID = {"moderation": "reported", "groups": "none", "time_zone": "America/La_Paz"}


def save(browser: Browser, **fields: str) -> object:
    return browser.send("discussion/settings", **{**VALID, **fields})


@pytest.mark.parametrize(
    ("zone", "closes_at"),
    [
        ("UTC", datetime(2026, 11, 12, tzinfo=UTC)),
        ("Pacific/Tongatapu", datetime(2026, 11, 11, 11, tzinfo=UTC)),  # UTC+13
        ("Pacific/Pago_Pago", datetime(2026, 11, 12, 11, tzinfo=UTC)),  # UTC-11
        ("America/La_Paz", datetime(2026, 11, 12, 4, tzinfo=UTC)),
    ],
)
def test_open_until_a_day_means_the_end_of_that_day(zone: str, closes_at: datetime) -> None:
    form = settings_form.parsed({**VALID, "time_zone": zone, "closes_date": "2026-11-11"}, UI)
    assert form.errors == {}
    found = form.changes["closes_at"]
    assert 0 < (closes_at - found).total_seconds() < 1
    assert found.astimezone(ZoneInfo(zone)).date().isoformat() == "2026-11-11"


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])  # the clock changes
def test_a_day_on_which_the_clock_changes_ends_at_its_end(day: str) -> None:
    fields = {**VALID, "time_zone": "Europe/Madrid", "opens_date": day, "closes_date": day}
    changes = settings_form.parsed(fields, UI).changes
    hours = (changes["closes_at"] - changes["opens_at"]).total_seconds() / 3600
    assert round(hours) == {"2026-03-29": 23, "2026-10-25": 25}[day]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"opens_date": "11 Nov"}, {"opens_date"}),
        ({"opens_date": "2026-02-30"}, {"opens_date"}),
        ({"opens_date": "0001-01-01", "time_zone": "Pacific/Tongatapu"}, {"opens_date"}),
        ({"closes_time": "18:30"}, {"closes_date"}),
        ({"closes_date": "2026-11-11", "closes_time": "25:00"}, {"closes_time"}),
        ({"opens_date": "2026-11-11", "closes_date": "2026-11-10"}, {"closes_date"}),
        ({"edit_minutes": "-1"}, {"edit_minutes"}),
        ({"edit_minutes": "half an hour"}, {"edit_minutes"}),
        ({"edit_minutes": "99999999999"}, {"edit_minutes"}),
        ({"time_zone": "Mars"}, {"time_zone"}),
        ({"time_zone": "../etc/passwd"}, {"time_zone"}),
        ({"moderation": "some", "groups": ""}, {"moderation", "groups"}),
    ],
)
def test_errors_name_the_field(fields: dict[str, str], wrong: set[str]) -> None:
    form = settings_form.parsed({**VALID, **fields}, UI)
    assert set(form.errors) == wrong
    assert form.values["opens_date"] == fields.get("opens_date", "")


@given(st.dictionaries(st.sampled_from([*settings_form._FIELDS]), st.text(max_size=20)))
def test_any_input_gives_settings_or_errors(fields: dict[str, str]) -> None:
    form = settings_form.parsed(fields, UI)
    if not form.errors:
        settings = DiscussionSettings(**form.changes)
        again = settings_form.parsed(settings_form.shown(settings).values, UI)
        assert again.changes == form.changes


def test_the_settings_lead_to_ones_own_notices(pilar: Browser) -> None:
    link = one(pilar.get("discussion/settings"), "//a[text()='Notices of this discussion']")
    page = pilar.client.get(link.get("href"))
    assert "Where notices are sent" in page.text


@pytest.mark.both_engines
def test_settings_are_saved_and_shown_again(scene: Scene, ana: Browser, pilar: Browser) -> None:
    fields = {"must_post_first": "1", "edit_minutes": "30", "closes_date": "2999-11-11"}
    assert save(pilar, **fields).status_code == 303
    form = one(pilar.get("discussion/settings?saved=1"), "//main//form")
    assert {name: form.fields[name] for name in fields} == fields
    assert form.fields["closes_time"] in (None, "")
    settings = scene.state(ana.launch_session).settings
    assert (settings.must_post_first, settings.edit_minutes) == (True, 30)
    assert acts(scene)[0][0] == "settings"
    assert "must_post_first=yes" in acts(scene)[0][2]


def test_what_was_typed_stays_when_something_is_wrong(scene: Scene, pilar: Browser) -> None:
    response = save(pilar, closes_date="tomorrow", edit_minutes="45", locked="1")
    assert response.status_code == 400
    form = one(response, "//main//form")
    assert form.fields["closes_date"] == "tomorrow"
    assert form.fields["edit_minutes"] == "45"
    assert form.fields["locked"] == "1"
    field = one(response, "//input[@name='closes_date']")
    described = one(response, f"//*[@id='{field.get('aria-describedby')}']").text_content()
    assert "2026-11-30" in described
    assert scene.state(pilar.launch_session).id is None


def test_anonymity_cannot_be_undone_once_used(
    scene: Scene, ana: Browser, bo: Browser, pilar: Browser
) -> None:
    assert "this cannot be undone" in pilar.get("discussion/settings").text
    save(pilar, anonymous="1")
    assert save(pilar).status_code == 303, "nobody has written yet"
    save(pilar, anonymous="1")
    scene.post(ana.launch_session, "without a name")
    assert "stays so, because someone has written" in pilar.get("discussion/settings").text
    assert save(pilar).status_code == 409
    assert "Quispe" not in bo.get().text


def test_counting_anonymous_posts_is_decided_before_anybody_writes(
    scene: Scene, ana: Browser, pilar: Browser
) -> None:
    assert save(pilar, anonymous="1", count_anonymous="1").status_code == 303
    form = one(pilar.get("discussion/settings"), "//main//form")
    assert form.fields["count_anonymous"] == "1"
    assert "count_anonymous=yes" in acts(scene)[0][2]
    assert save(pilar, anonymous="1").status_code == 303
    scene.post(ana.launch_session, "without a name")
    refused = save(pilar, anonymous="1", count_anonymous="1")
    assert refused.status_code == 409
    assert "To count anonymous posts" in refused.text
    assert one(refused, "//main//form").fields["count_anonymous"] == "1"
    assert not scene.state(pilar.launch_session).settings.count_anonymous


class Groups:
    """Ana and Che are in A, Bo is in B; a thread of each, and one for everybody."""

    def __init__(self, scene: Scene, client: FlaskClient, ana: Browser, bo: Browser) -> None:
        self.scene, self.ana, self.bo = scene, ana, bo
        self.che = Browser(client, scene.launch_session("Che Luna"))
        with scene.database.write() as session:
            self.a, self.b = (
                roster.create_group(session, scene.course_id, name)
                for name in ("Group A", "Group B")
            )
            users = [self.id_of(each.launch_session) for each in (ana, self.che)]
            roster.set_members(session, scene.course_id, self.a, users)
            roster.set_members(session, scene.course_id, self.b, [self.id_of(bo.launch_session)])
        self.everybody = scene.post(ana.launch_session, "for everybody").id
        scene.settings_are(groups="separate")
        self.of_a = scene.post(ana.launch_session, "of group A").id
        self.of_b = scene.post(bo.launch_session, "of group B").id

    @staticmethod
    def id_of(launch_session: CurrentSession) -> int:
        assert launch_session.user_id is not None
        return launch_session.user_id


@pytest.fixture
def groups(scene: Scene, client: FlaskClient, ana: Browser, bo: Browser) -> Groups:
    return Groups(scene, client, ana, bo)


def reads(browser: Browser, post: int, text: str) -> bool:
    """Whether a person reads a thread; the same on every route."""
    page = text in browser.get().text
    thread = browser.get(f"thread/{post}")
    found = {
        text in thread.text,
        thread.status_code == 200,
        browser.get(f"post/{post}").status_code == 303,
        browser.get(f"post/{post}/report").status_code in (200, 403),
        page,
    }
    assert len(found) == 1, found
    return page


@pytest.mark.both_engines
def test_separate_groups_read_their_own_threads(groups: Groups, pilar: Browser) -> None:
    for person, reads_a, reads_b in ((groups.che, True, False), (groups.bo, False, True)):
        assert reads(person, groups.everybody, "for everybody")
        assert reads(person, groups.of_a, "of group A") is reads_a
        assert reads(person, groups.of_b, "of group B") is reads_b
    assert reads(pilar, groups.of_a, "of group A")
    assert reads(pilar, groups.of_b, "of group B")
    assert groups.bo.get("poll?after=0").json == {"new": 1}
    assert groups.bo.write("a reply", reply_to=groups.of_a).status_code == 404
    only_b = pilar.get(f"?group={groups.b}").text
    assert "of group B" in only_b
    assert "of group A" not in only_b
    assert groups.bo.get(f"?group={groups.a}").text.count("of group A") == 0
    assert "Your group (Group B) and the instructors" in groups.bo.get().text


def test_visible_groups_read_all_and_write_in_their_own(groups: Groups) -> None:
    groups.scene.settings_are(groups="visible")
    assert reads(groups.bo, groups.of_a, "of group A")
    assert groups.bo.write("a reply", reply_to=groups.of_a).status_code == 403
    assert f"reply_to={groups.of_a}" not in groups.bo.get().text
    assert groups.bo.write("a reply", reply_to=groups.everybody, draft_key="k2").status_code == 303
    assert groups.che.write("a reply", reply_to=groups.of_a).status_code == 303


@pytest.mark.parametrize("mode", ["separate", "visible"])
def test_switching_groups_off_shows_nothing_to_others(
    groups: Groups, pilar: Browser, mode: str
) -> None:
    groups.scene.settings_are(groups=mode)
    before = reads(groups.bo, groups.of_a, "of group A")
    warning = save(pilar)
    assert warning.status_code == 200
    assert "2 posts belong to groups" in warning.text
    assert groups.scene.state(pilar.launch_session).settings.groups == mode
    assert save(pilar, confirmed="1").status_code == 303
    assert groups.scene.state(pilar.launch_session).settings.groups == "none"
    assert reads(groups.bo, groups.of_a, "of group A") is before
    after = groups.scene.post(groups.che.launch_session, "written after").id
    assert reads(groups.bo, after, "written after")
    save(pilar, groups=mode)
    assert reads(groups.bo, groups.of_a, "of group A") is before


def test_who_is_in_several_groups_chooses(groups: Groups, pilar: Browser) -> None:
    scene, bo = groups.scene, groups.bo
    both = [groups.id_of(each.launch_session) for each in (groups.ana, groups.che, bo)]
    with scene.database.write() as session:
        roster.set_members(session, scene.course_id, groups.a, both)
    options = tree(bo.get()).xpath("//select[@name='for_group']/option/text()")
    assert options == ["Group A", "Group B"]
    location = bo.write("chosen", for_group=str(groups.b), draft_key="k9").location
    assert scene.read(int(location.rpartition("#p")[2])).group_id == groups.b
    assert bo.write("chosen", for_group="999", draft_key="k10").status_code == 403
    options = tree(pilar.get()).xpath("//select[@name='for_group']/option/text()")
    assert options == ["Everyone", "Group A", "Group B"]
    assert pilar.write("for A", for_group="999", draft_key="k11").status_code == 403


def test_an_instructor_moves_a_thread_to_another_group(groups: Groups, pilar: Browser) -> None:
    path = f"post/{groups.of_a}/moderate"
    assert pilar.send(path, act="group", group="999").status_code == 403
    assert pilar.send(path, act="group", group=str(groups.b)).status_code == 303
    assert reads(groups.bo, groups.of_a, "of group A")
    assert not reads(groups.che, groups.of_a, "of group A")


@pytest.mark.both_engines
def test_groups_are_made_here(scene: Scene, ana: Browser, bo: Browser, pilar: Browser) -> None:
    scene.reload(ana.launch_session.id)
    assert pilar.send("discussion/groups", name=" ").status_code == 400
    assert pilar.send("discussion/groups", name="Group A").status_code == 303
    again = pilar.send("discussion/groups", name="group a")
    assert again.status_code == 409
    assert one(again, "//input[@name='name']").value == "group a"
    path = one(pilar.get("discussion/groups"), "//ul[@class='cards']//a/@href")
    path = path.removeprefix(pilar.launch_session.path)
    users = [Groups.id_of(each.launch_session) for each in (ana, bo)]
    pilar.send(path, member=[str(users[0])], shown=[str(each) for each in users])
    checked = tree(pilar.get(path)).xpath("//input[@name='member'][@checked]/@value")
    assert checked == [str(users[0])]
    found = tree(pilar.get(f"{path}?q=castro")).xpath("//input[@name='member']/@value")
    assert found == [str(users[1])]
    pilar.send(path, member=[str(users[1])], shown=[str(users[1])])
    with scene.database.read() as session:
        assert roster.members_of_group(session, int(path.rpartition("/")[2])) == users
    assert pilar.send(path, act="rename", name="Group Z").status_code == 303
    assert "Group Z" in pilar.get(f"{path}/delete").text
    assert pilar.send(f"{path}/delete").status_code == 303
    assert "There are no groups yet" in pilar.get("discussion/groups").text
    assert pilar.get(path).status_code == 404
    assert {each[0] for each in acts(scene)} == {"groups"}


def test_a_new_cohort_is_offered_a_new_discussion(
    scene: Scene, ana: Browser, pilar: Browser
) -> None:
    def offered() -> bool:
        page = tree(pilar.get("discussion/settings"))
        return bool(
            page.xpath("//section[@aria-labelledby='new-cohort']//a[contains(@href, 'afresh')]")
        )

    def renewed(moment: datetime) -> None:
        with scene.database.write() as session:
            session.merge(CourseRoster(course_id=scene.course_id, renewed_at=moment))

    scene.settings_are(locked=False)
    assert not offered()
    renewed(now())
    assert not offered()  # nobody has written
    ana.write()
    assert offered()
    pilar.send("discussion/afresh", act="archive", sure="archive")
    ana.write(draft_key="k2")
    assert not offered()
    renewed(now())
    assert offered()
