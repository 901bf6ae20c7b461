"""What is unread, which languages a person reads, and rules of reading on every route."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from lti_tool.discussion.model import DiscussionReader
from lti_tool.storage.database import now
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, one, tree
from tests.lti_tool.discussion.scene import Scene


def unread(browser: Browser) -> list[str]:
    found = tree(browser.get()).xpath("//article[contains(@class, ' unread')]/@id")
    return [str(each) for each in found]


def latest(browser: Browser) -> str:
    return str(one(browser.get(), "//*[@data-read-href]/@data-up-to"))


def test_at_the_first_visit_nothing_is_unread(scene: Scene, ana: Browser) -> None:
    scene.post(scene.launch_session("Bo"))
    assert unread(ana) == []
    assert ana.send("read", headers=FRAGMENT, up_to=latest(ana)).status_code == 204
    assert unread(ana) == []


@pytest.mark.both_engines
def test_later_posts_of_others_are_unread_until_they_were_seen(scene: Scene, ana: Browser) -> None:
    bo = scene.launch_session("Bo")
    old = scene.post(bo)
    ana.send("read", up_to=latest(ana))
    own = scene.post(ana.launch_session)
    new, reply = scene.post(bo), scene.post(bo, reply_to_id=old.id)
    assert unread(ana) == [f"p{reply.id}", f"p{new.id}"]
    assert own.id not in (new.id, reply.id)
    assert "2 unread posts" in ana.get().text
    assert ana.get("unread").location.endswith(f"#p{new.id}")
    seen = f"{new.id}:{scene.read(new.id).sequence}"
    ana.send("read", seen=seen, up_to=latest(ana))
    assert unread(ana) == [f"p{reply.id}"]
    ana.send("read", all="1", up_to=latest(ana))
    assert unread(ana) == []
    assert ana.get("unread").location.endswith("#discussion")


@pytest.mark.both_engines
def test_what_is_new_since_the_last_visit(scene: Scene, ana: Browser) -> None:
    bo = scene.launch_session("Bo")
    scene.post(bo)
    ana.send("read", up_to=latest(ana))
    scene.post(bo)
    with scene.database.write() as session:
        session.execute(update(DiscussionReader).values(visited_at=now() - timedelta(hours=1)))
    ana.send("read", up_to=latest(ana))
    assert "1 new post since you were last here" in ana.get().text


@pytest.mark.both_engines
def test_invalid_reports_change_nothing(scene: Scene, ana: Browser) -> None:
    scene.post(scene.launch_session("Bo"))
    for seen in ("", "x", "1:x", "9" * 12 + ":1", "1:2:3", "0:0", "99:5 " * 3000):
        answer = ana.send("read", seen=seen, up_to="x", headers=FRAGMENT)
        assert answer.status_code == 204, seen


@pytest.mark.both_engines
def test_the_languages_that_one_reads_are_remembered(scene: Scene, ana: Browser) -> None:
    scene.many(ana.launch_session, [{"language": tag} for tag in ("es", "fr", "pt")])
    response = ana.send("list", posts="es,fr", remember="1")
    assert response.location == f"{ana.launch_session.path}#discussion"
    shown = tree(ana.get()).xpath("//article//*[@class='prose says']/@lang")
    assert sorted(shown) == ["es", "fr"]
    assert len(tree(ana.get("?posts=all")).xpath("//article[@data-post]")) == 3
    assert "1 post is in another language" in ana.get().text
    response = ana.send("list", posts="es", by="staff", sort="oldest")
    assert response.location.endswith("?posts=es&by=staff&sort=oldest#discussion")
    assert "No posts match" in ana.client.get(response.location).text


@pytest.mark.both_engines
def test_several_languages_are_chosen_at_once_and_remembered(scene: Scene, ana: Browser) -> None:
    scene.many(ana.launch_session, [{"language": tag} for tag in ("es", "fr", "pt", None)])
    form = one(ana.get(), "//form[@action and .//input[@type='checkbox' and @name='posts']]")
    boxes = {box.get("value"): box for box in form.xpath(".//input[@name='posts' and @value!='']")}
    assert {"es", "fr", "pt", "und", "en", "gn"} <= boxes.keys()
    assert not [box for box in boxes.values() if box.checked]
    response = ana.send("list", posts=["", "fr", "und"], remember="1")
    assert response.location == f"{ana.launch_session.path}#discussion"
    page = ana.get()
    assert len(tree(page).xpath("//article[@data-post]")) == 2
    assert "2 posts are in other languages" in page.text
    checked = tree(page).xpath("//input[@name='posts' and @checked]/@value")
    assert sorted(checked) == ["fr", "und"]
    everything = one(page, "//a[text()='Show all posts']").get("href")
    assert len(tree(ana.client.get(everything)).xpath("//article[@data-post]")) == 4
    ana.send("list", posts=[""], remember="1")
    assert len(tree(ana.get()).xpath("//article[@data-post]")) == 4


def test_the_other_filters_stay_when_languages_are_chosen(scene: Scene, ana: Browser) -> None:
    scene.many(ana.launch_session, [{"language": tag} for tag in ("es", "fr")])
    page = ana.get("?by=me&sort=oldest")
    form = one(page, "//form[@action and .//input[@type='checkbox' and @name='posts']]")
    fields = {each.name: each.value for each in form.xpath(".//input[@type='hidden']")}
    fields.pop("token")
    response = ana.send("list", **{**fields, "posts": ["", "es"]})
    assert response.location.endswith("?posts=es&by=me&sort=oldest#discussion")


def routes(post: int) -> list[str]:
    return [f"thread/{post}", f"post/{post}", "poll?after=0", f"compose?reply_to={post}", "unread"]


def test_must_post_first_on_every_route(scene: Scene, ana: Browser) -> None:
    scene.settings_are(must_post_first=True)
    secret = scene.post(scene.launch_session("Bo"), "a secret", question_id="who-buys")

    def is_closed() -> bool:
        page = ana.get().text
        assert ("a secret" in page) == ("1 answer" in page) == ("data-poll-href" in page)
        statuses = {ana.get(path).status_code for path in routes(secret.id)}
        assert ("a secret" in page) == (statuses <= {200, 303})
        return statuses == {403}

    assert is_closed()
    assert ana.write("a reply", reply_to=secret.id).status_code == 403
    response = ana.write("my own post")
    assert ana.client.get(response.location).status_code == 200
    assert not is_closed()
    own = int(response.location.rpartition("#p")[2])
    assert ana.send(f"post/{own}/delete").location.endswith("#discussion")
    assert is_closed()


def test_a_held_post_is_seen_by_its_author_and_instructors(
    scene: Scene, ana: Browser, client: FlaskClient
) -> None:
    scene.settings_are(moderation="first_post")
    ana.write("please approve")
    assert "Waiting to be approved" in ana.get().text
    number = int(tree(ana.get()).xpath("//article/@data-post")[0])
    bo = Browser(client, scene.launch_session("Bo"))
    teacher = Browser(client, scene.launch_session("Pilar", instructor=True))
    assert "please approve" not in bo.get().text
    assert bo.get(f"thread/{number}").status_code == 404
    assert bo.get(f"post/{number}").status_code == 404
    assert "please approve" in teacher.get(f"thread/{number}").text
    assert bo.get("poll?after=0").json == {"new": 0}
    scene.set(number, status="published")
    assert bo.get("poll?after=0").json == {"new": 1}
    assert "please approve" in bo.get().text
    ana.write("not the first", draft_key="k2")
    assert "not the first" in bo.get().text


def test_a_hidden_post_is_shown_with_the_reason_to_its_author(
    scene: Scene, ana: Browser, client: FlaskClient
) -> None:
    ana.write("something rude", question="who-buys")
    number = int(tree(ana.get()).xpath("//article/@data-post")[0])
    bo = scene.launch_session("Bo")
    scene.post(bo, "a reply", reply_to_id=number)
    scene.set(number, status="hidden", hidden_reason="Please be kind.")
    assert "Please be kind." in ana.get().text
    peer = Browser(client, bo).get().text
    assert "something rude" not in peer
    assert "Please be kind." not in peer
    assert "An instructor has hidden this post." in peer


def test_a_hidden_thread_without_replies_is_shown_with_the_reason_to_its_author(
    scene: Scene, ana: Browser, client: FlaskClient
) -> None:
    ana.write("something rude", question="who-buys")
    number = int(tree(ana.get()).xpath("//article/@data-post")[0])
    scene.set(number, status="hidden", hidden_reason="Please be kind.")
    peer = Browser(client, scene.launch_session("Bo"))
    for path in ("", f"thread/{number}", f"post/{number}", "?question=who-buys", "mine"):
        assert "Please be kind." in ana.get(path, follow_redirects=True).text, path
        shown = peer.get(path, follow_redirects=True).text
        assert "Please be kind." not in shown
        assert "something rude" not in shown


def test_earlier_texts_are_for_instructors_and_follow_the_post(
    scene: Scene, ana: Browser, client: FlaskClient
) -> None:
    post = scene.post(ana.launch_session, "the first text")
    scene.edit(ana.launch_session, post, "the second text")
    teacher = Browser(client, scene.launch_session("Pilar", instructor=True))
    assert "the first text" in teacher.get(f"post/{post.id}/history").text
    assert ana.get(f"post/{post.id}/history").status_code == 403
    scene.delete(ana.launch_session, post)
    assert teacher.get(f"post/{post.id}/history").status_code == 404


def test_the_time_for_edits_is_checked_on_the_form_and_on_saving(
    scene: Scene, ana: Browser
) -> None:
    post = scene.post(ana.launch_session)
    assert ana.get(f"post/{post.id}/edit").status_code == 200
    scene.settings_are(edit_minutes=0)
    assert ana.get(f"post/{post.id}/edit").status_code == 403
    assert ana.send(f"post/{post.id}/edit", text="changed").status_code == 403
    assert scene.read(post.id).source == "Hola a todas"


def test_anonymous_posts_show_a_pseudonym_and_stay_anonymous(
    scene: Scene, ana: Browser, client: FlaskClient
) -> None:
    scene.settings_are(anonymous=True)
    response = ana.write("without a name", headers=FRAGMENT)
    assert "Ana Quispe" not in response.text
    assert "Ana Quispe" not in ana.get().text
    assert "Ana Quispe" not in Browser(client, scene.launch_session("Bo")).get().text
