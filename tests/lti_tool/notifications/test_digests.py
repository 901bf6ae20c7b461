"""Digests: once a day or a week, at the reader's own hour, and only if there is something new."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.notifications.choices import next_digest, time_zones
from tests.lti_tool.notifications.scene import MailScene


@pytest.mark.parametrize(
    ("zone", "hour", "start"),
    [
        ("Europe/Berlin", 7, datetime(2026, 3, 25, tzinfo=UTC)),  # forward on 29 March
        ("Europe/Berlin", 7, datetime(2026, 10, 21, tzinfo=UTC)),  # back on 25 October
        ("Europe/Berlin", 2, datetime(2026, 3, 25, tzinfo=UTC)),  # an hour that is missing
        ("Europe/Berlin", 2, datetime(2026, 10, 21, tzinfo=UTC)),  # an hour that comes twice
        ("America/Santiago", 0, datetime(2026, 9, 3, tzinfo=UTC)),  # midnight is missing
        (
            "America/Quito" if "America/Quito" in time_zones() else "America/Guayaquil",
            7,
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        ("Asia/Kathmandu", 23, datetime(2026, 1, 1, tzinfo=UTC)),
        ("UTC", 0, datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_there_is_one_digest_a_day_at_the_local_hour(zone: str, hour: int, start: datetime) -> None:
    place, moment, days = ZoneInfo(zone), start, []
    for _ in range(10):
        moment = next_digest(moment, zone, hour)
        local = moment.astimezone(place)
        days.append(local.date())
        assert local.hour in (hour, hour + 1)
    assert days == [days[0] + timedelta(days=number) for number in range(10)]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(time_zones()),
    st.integers(0, 23),
    st.booleans(),
)
def test_the_next_digest_is_soon_and_in_the_future(
    moment: datetime, zone: str, hour: int, weekly: bool
) -> None:
    found = next_digest(moment, zone, hour, weekly=weekly)
    assert timedelta() < found - moment <= timedelta(days=8 if weekly else 2, hours=2)
    if weekly:
        assert (found.astimezone(ZoneInfo(zone)) - timedelta(hours=2)).weekday() in (6, 0)


@pytest.mark.both_engines
def test_a_digest_comes_at_the_readers_hour_with_all_posts_of_the_day(mail: MailScene) -> None:
    ana = mail.person("Ana", "ana@example.org")
    mail.choose(ana, "daily", zone="Asia/Tokyo", hour=8)
    bo = mail.person("Bo")
    for text in ("One", "Two", "Three"):
        mail.post(bo, text)
        mail.work()
        mail.clock.forward(hours=1)
    for _ in range(48):
        mail.work()
        if mail.server.accepted:
            break
        mail.clock.forward(minutes=30)
    local = mail.clock.now().astimezone(ZoneInfo("Asia/Tokyo"))
    assert local.hour == 8
    [message] = mail.server.mails
    assert message["Subject"] == "3 new posts in “The market”"


@pytest.mark.parametrize("choice", ["daily", "weekly"])
def test_a_digest_without_anything_new_is_not_sent(mail: MailScene, choice) -> None:
    ana = mail.person("Ana", "ana@example.org", choice=choice)
    bo = mail.person("Bo")
    mail.post(ana, "My own post")
    deleted = mail.post(bo, "Soon deleted")
    mail.work()
    mail.scene.delete(bo, deleted)
    mail.clock.forward(days=8)
    mail.work()
    assert mail.server.accepted == []


def test_who_changes_from_a_weekly_digest_to_every_post_gets_what_waits_soon(
    mail: MailScene,
) -> None:
    ana = mail.person("Ana", "ana@example.org", choice="weekly")
    mail.post(mail.person("Bo"))
    mail.work()
    mail.choose(ana, "every")
    mail.work_soon()
    assert len(mail.server.accepted) == 1
    mail.clock.forward(days=8)
    mail.work()
    assert len(mail.server.accepted) == 1


def test_who_changes_from_every_post_to_a_digest_gets_what_waits_in_the_digest(
    mail: MailScene,
) -> None:
    ana = mail.person("Ana", "ana@example.org", choice="every")
    mail.post(mail.person("Bo"))
    mail.work()
    mail.choose(ana, "daily")
    mail.work_soon()
    assert mail.server.accepted == []
    mail.clock.forward(days=1)
    mail.work()
    assert len(mail.server.accepted) == 1
