"""What somebody may not read on the page is in no mail, no digest and no private feed.

The rules are applied after the post was announced, in the time before it is sent.
"""

import base64
import re
import struct
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from courseware.library import Library
from lti_tool.discussion import discussions
from lti_tool.discussion.model import Post
from lti_tool.discussion.moderation.service import Moderator
from lti_tool.discussion.notices import find_place
from lti_tool.discussion.permalinks import PostReference
from lti_tool.discussion.recipients import read_recipient
from lti_tool.features import FEATURES
from lti_tool.notifications.feeds import atom
from lti_tool.notifications.links import Link
from lti_tool.notifications.people import find_person
from lti_tool.notifications.service import LinkedPerson
from lti_tool.personal_data import service as personal_data
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.notifications.scene import MailScene

TEXT = "Only for those who may read it"
NAME = "Boniface Okonkwo"


def in_mail(mail: MailScene, reader: CurrentSession) -> str:
    mail.clock.forward(hours=1)
    mail.work()
    return decoded(mail)


def in_digest(mail: MailScene, reader: CurrentSession) -> str:
    mail.choose(reader, "daily")
    mail.clock.forward(days=1)
    mail.work()
    return decoded(mail)


def in_feed(mail: MailScene, reader: CurrentSession) -> str:
    assert reader.user_id is not None
    settings, discussion_id = mail.scene.settings, mail.discussion_id()
    with mail.database.read() as session:
        place = find_place(session, discussion_id, reader.user_id)
        person = place and find_person(session, reader.user_id, place)
        if place is None or person is None:
            return ""
        linked = LinkedPerson(Link("feed", reader.user_id, discussion_id), place, person)
        feed = atom(session, settings, Library(settings.content_dir), linked, "/feed/x")
    return (feed or b"").decode()


def decoded(mail: MailScene) -> str:
    """The headers and both parts of all mails."""
    found = []
    for message in mail.server.mails:
        found += [f"{name}: {value}" for name, value in message.items()]
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part is not None
            found.append(str(part.get_content()))
    return "\n".join(found)


CHANNELS = {"mail": in_mail, "digest": in_digest, "feed": in_feed}


def settings(mail: MailScene, **changes: object) -> None:
    teacher = mail.person("Tea", None, instructor=True)
    discussions.change_settings(mail.database, teacher, mail.scene.module, **changes)


def move_to_group(mail: MailScene, post: Post, author: CurrentSession) -> None:
    with mail.database.write() as session:
        session.execute(update(Post).where(Post.id == post.id).values(group_id=7))


def erase(mail: MailScene, post: Post, author: CurrentSession) -> None:
    declarations = tuple(each.personal_data for each in FEATURES if each.personal_data)
    assert author.user_id is not None
    personal_data.erase(mail.database, mail.scene.settings, declarations, author.user_id)


def start_afresh(mail: MailScene, post: Post, author: CurrentSession) -> None:
    teacher = mail.person("Tea", None, instructor=True)
    with mail.database.write() as session:
        discussions.start_afresh(session, teacher, mail.scene.module)


Rule = Callable[[MailScene, Post, CurrentSession], object]
RULES: dict[str, Rule] = {
    "hidden": lambda mail, post, _: mail.scene.set(post.id, status="hidden", hidden_reason="x"),
    "held": lambda mail, post, _: mail.scene.set(post.id, status="held"),
    "deleted": lambda mail, post, author: mail.scene.delete(author, post),
    "its author was erased": erase,
    "of another group": move_to_group,
    "post first": lambda mail, _p, _a: settings(mail, must_post_first=True),
    "not open yet": lambda mail, _p, _a: settings(
        mail, opens_at=mail.clock.now() + timedelta(days=9)
    ),
    "archived": start_afresh,
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("rule", [None, *RULES])
def test_each_channel_follows_the_rules_of_the_page(
    mail: MailScene, rule: str | None, channel: str
) -> None:
    reader = mail.person("Ana", "ana@example.org", choice="every")
    author = mail.person(NAME, "bo@example.org")
    post = mail.post(author, TEXT)
    mail.work()
    if rule is not None:
        RULES[rule](mail, post, author)
    assert (TEXT in CHANNELS[channel](mail, reader)) is (rule is None)


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_anonymous_author_stays_so_in_each_channel(mail: MailScene, channel: str) -> None:
    settings(mail, anonymous=True)
    reader = mail.person("Ana", "ana@example.org", choice="every")
    author = mail.person(NAME, "boniface@example.org")
    first = mail.post(author, TEXT)
    mail.post(author, "And again", reply_to_id=first.id)
    mail.work()
    found = CHANNELS[channel](mail, reader)
    assert TEXT in found
    for trace in (NAME, "Boniface", "Okonkwo", "boniface@"):
        assert trace not in found


@pytest.mark.parametrize("channel", ["mail", "digest"])
def test_no_url_of_a_mail_tells_who_wrote(mail: MailScene, channel: str) -> None:
    reader = mail.person("Ana", "ana@example.org", choice="every")
    author = mail.person(NAME, "bo@example.org")
    post = mail.post(author, TEXT)
    mail.work()
    found = CHANNELS[channel](mail, reader)
    urls = set(re.findall(r"https://[^\s<>\"]+", found))
    signed = {url.rpartition("/n/")[2] for url in urls if "/n/" in url}
    assert signed
    for token in signed:
        raw = base64.urlsafe_b64decode(token + "==")
        _, user_id, _ = struct.unpack(">cII", raw[:9])
        assert user_id == reader.user_id
    [lasting] = urls - {url for url in urls if "/n/" in url}
    value = lasting.partition("?r=")[2]
    reference = PostReference(post.discussion_id, post.id)
    secret = mail.scene.settings.secret_key
    assert read_recipient(secret, reference, value, mail.clock.now()) == reader.user_id


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_post_that_was_moved_is_shown_where_it_is_now(mail: MailScene, channel: str) -> None:
    reader = mail.person("Ana", "ana@example.org", choice="every")
    bo, cy = mail.person(NAME), mail.person("Cy Diop")
    question, other = mail.post(bo, "A question"), mail.post(cy, "Another question")
    reply = mail.post(bo, TEXT, reply_to_id=question.id)
    mail.work()
    teacher = mail.person("Tea", None, instructor=True)
    Moderator(mail.database, teacher, mail.scene.module).move(reply.id, str(other.id))
    found = CHANNELS[channel](mail, reader)
    assert TEXT in found
    assert f"/p/{reply.id}/" in found
