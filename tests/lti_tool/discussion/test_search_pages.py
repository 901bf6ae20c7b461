"""The pages that list posts: search, the reader's own, and what is new since the last visit."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.discussion.model import DiscussionReader
from lti_tool.storage.database import now
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene, statements_of


def hits(browser: Browser, query: str, **arguments: str) -> list[str]:
    page = browser.get("search", query_string={"q": query, **arguments})
    assert page.status_code == 200
    return [
        str(each).rsplit("/", 1)[-1] for each in tree(page).xpath("//li[@class='hit']//a/@href")
    ]


class TestSearch:
    @pytest.mark.both_engines
    def test_the_form_on_the_module_page_leads_to_the_post(
        self, scene: Scene, ana: Browser
    ) -> None:
        assert not tree(ana.get()).xpath("//form[@role='search']")
        post = scene.post(scene.launch_session("Bo"), "La caja de ahorros", question_id="who-buys")
        form = one(ana.get(), "//form[@role='search']")
        assert form.get("method") == "get"
        page = ana.client.get(form.get("action"), query_string={"q": "AHORROS"})
        link = one(page, "//li[@class='hit']//a")
        assert "Bo" in link.text_content()
        assert one(page, "//mark").text == "ahorros"
        assert "¿Quién compra?" in one(page, "//li[@class='hit']").text_content()
        assert ana.client.get(link.get("href")).location.endswith(f"#p{post.id}")

    def test_the_languages_of_the_list_apply_and_can_be_left(
        self, scene: Scene, ana: Browser
    ) -> None:
        spanish = scene.post(ana.launch_session, "radio", language="es")
        french = scene.post(ana.launch_session, "radio", language="fr")
        hidden = one(
            ana.get(query_string={"posts": "fr"}), "//form[@role='search']//input[@name='posts']"
        )
        assert hidden.get("value") == "fr"
        assert hits(ana, "radio", posts="fr") == [str(french.id)]
        ana.send("list", posts="es", remember="1")
        assert hits(ana, "radio") == [str(spanish.id)]
        page = ana.get("search?q=radio")
        everywhere = one(page, "//a[contains(., 'all languages')]").get("href")
        shown = tree(ana.get("search" + everywhere)).xpath("//li[@class='hit']")
        assert len(shown) == 2

    HOSTILE = (
        "", " ", "!!! -- ?", '"', "'", "a OR b NOT c", '"a" AND (', "a*", "-a", "a:b", "^a",
        "NEAR(a b)", "post_words:a", "{x}:*", "a & b | !c", "<->", "\\", "%", "_",
        "a'::tsquery",
        "\x00", "a\x00b", "\u202e", "\ufdfa", "🙂", "1.0.a", "=who-buys", "a" * 20_000,
        "部" * 20_000, "a " * 10_000, "' " * 500, "<script>alert(1)</script>",
    )  # fmt: skip

    @pytest.mark.both_engines
    def test_hostile_queries_get_a_plain_page(self, scene: Scene, ana: Browser) -> None:
        scene.post(ana.launch_session, "Hola")
        for query in self.HOSTILE:
            page = ana.get("search", query_string={"q": query})
            assert page.status_code == 200, query
            assert "<script>alert" not in page.text
            assert not tree(page).xpath("//li[@class='hit']"), query
            value = one(page, "//input[@name='q']").get("value") or ""
            assert len(value) <= 200

    def test_what_the_page_says(self, scene: Scene, ana: Browser) -> None:
        scene.post(ana.launch_session, "Hola")
        assert "at least one letter" in ana.get("search?q=%21").text
        assert "at least one letter" not in ana.get("search").text
        assert "Nothing was found" in ana.get("search?q=xyz").text
        assert "only the first 8 words" in ana.get("search?q=a+b+c+d+e+f+g+h+i").text

    def test_hostile_posts_are_shown_as_text(self, scene: Scene, ana: Browser) -> None:
        bo = scene.launch_session('<b>Bo"</b>')
        scene.post(bo, 'radio `<script>alert(1)</script>` <img src=x onerror="a"> &lt;i&gt;')
        page = ana.get("search?q=radio+script")
        assert [each.text for each in tree(page).xpath("//mark")] == ["radio", "script", "script"]
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "<b>" not in page.text

    @pytest.mark.parametrize("after", ["x", "0.0", "9999999999.1", "5.1", "-1.1"])
    def test_any_position_gives_a_page(self, scene: Scene, ana: Browser, after: str) -> None:
        scene.post(ana.launch_session, "Hola")
        hits(ana, "hola", after=after)

    @pytest.mark.both_engines
    def test_more_results(self, scene: Scene, ana: Browser) -> None:
        ids = [scene.post(ana.launch_session, "radio").id for _ in range(25)]
        first = ana.get("search?q=radio")
        more = one(first, "//p[@class='more']/a").get("href")
        second = tree(ana.get("search" + more)).xpath("//li[@class='hit']//a/@href")
        assert [str(each).rsplit("/", 1)[-1] for each in second] == [
            str(each) for each in ids[4::-1]
        ]

    def test_the_pseudonym_is_shown(self, scene: Scene, ana: Browser) -> None:
        scene.settings_are(anonymous=True)
        post = scene.post(scene.launch_session("Bo Nguyen"), "radio")
        page = ana.get("search?q=radio")
        assert "Nguyen" not in page.text
        assert scene.read(post.id).author_code in page.text
        assert hits(ana, "nguyen") == []

    def test_statements(self, scene: Scene, ana: Browser) -> None:
        for _ in range(25):
            scene.post(ana.launch_session, "radio")
        with statements_of(scene.database) as statements:
            ana.get("search?q=radio+quispe")
        assert len(statements) <= 5, statements


class TestRules:
    @pytest.mark.parametrize("path", ["search?q=secreto", "search", "new", "new?after=0"])
    def test_posts_of_others_stay_hidden(self, scene: Scene, ana: Browser, path: str) -> None:
        scene.post(scene.launch_session("Bo"), "secreto")
        assert ana.get(path).status_code == 200
        scene.settings_are(must_post_first=True)
        page = ana.get(path)
        assert page.status_code == 403
        assert "secreto" not in page.text.replace("q=secreto", "")
        scene.settings_are(must_post_first=False, opens_at=now() + timedelta(hours=1))
        for each in (path, "mine"):
            assert ana.get(each).status_code == 403

    def test_own_posts_do_not_name_others_before_the_first_post(
        self, scene: Scene, ana: Browser
    ) -> None:
        bo = scene.launch_session("Bo Nguyen")
        thread = scene.post(bo)
        reply = scene.post(bo, reply_to_id=thread.id)
        own = scene.post(ana.launch_session, reply_to_id=reply.id)
        assert "Nguyen" in ana.get("mine").text
        scene.settings_are(must_post_first=True)
        scene.set(own.id, status="hidden", hidden_reason="Otro tema")
        page = ana.get("mine")
        assert "Otro tema" in page.text
        assert "Nguyen" not in page.text


class TestOwnPosts:
    @pytest.mark.both_engines
    def test_own_posts_of_every_status(self, scene: Scene, ana: Browser) -> None:
        me = ana.launch_session
        shown, held, hidden, gone = (scene.post(me, f"texto {number}") for number in range(4))
        scene.post(scene.launch_session("Bo"), "de Bo")
        scene.set(held.id, status="held")
        scene.set(hidden.id, status="hidden", hidden_reason="Otro tema")
        scene.delete(me, gone)
        page = ana.get("mine")
        ids = [str(each) for each in tree(page).xpath("//article/@id")]
        assert ids == [f"p{each.id}" for each in (gone, hidden, held, shown)]
        assert "Otro tema" in page.text
        assert "Waiting to be approved" in page.text
        assert "This post was deleted." in page.text
        assert "de Bo" not in page.text
        links = tree(page).xpath("//a[contains(., 'Show in the discussion')]/@href")
        for link, post in zip(links[1:], (hidden, held, shown), strict=True):
            assert ana.client.get(link).location.endswith(f"#p{post.id}")
        assert ana.client.get(links[0]).status_code == 303

    def test_anonymous_posts_are_listed_for_their_author(self, scene: Scene, ana: Browser) -> None:
        scene.settings_are(anonymous=True)
        post = scene.post(ana.launch_session)
        assert one(ana.get("mine"), "//article/@id") == f"p{post.id}"

    def test_nothing_written_yet(self, scene: Scene, ana: Browser) -> None:
        assert "You have not written anything yet." in ana.get("mine").text
        scene.post(scene.launch_session("Bo"))
        assert "You have not written anything yet." in ana.get("mine").text

    def test_pages(self, scene: Scene, ana: Browser) -> None:
        ids = [scene.post(ana.launch_session).id for _ in range(25)]
        with statements_of(scene.database) as statements:
            page = ana.get("mine")
        assert len(statements) <= 4, statements
        more = one(page, "//p[@class='more']/a").get("href")
        rest = tree(ana.get("mine" + more)).xpath("//article/@data-post")
        assert [int(each) for each in rest] == ids[4::-1]


class TestNewPosts:
    @pytest.fixture
    def visited(self, scene: Scene, ana: Browser) -> Browser:
        """Ana was here before; her visit ended."""
        scene.post(scene.launch_session("Bo"), "antes")
        latest = str(one(ana.get(), "//*[@data-read-href]/@data-up-to"))
        ana.send("read", up_to=latest)
        with scene.database.write() as session:
            session.execute(
                update(DiscussionReader).values(
                    visited_at=now() - timedelta(days=2), earlier_visit_up_to=int(latest)
                )
            )
        return ana

    @pytest.mark.both_engines
    def test_the_count_on_the_page_leads_to_the_posts(self, scene: Scene, visited: Browser) -> None:
        bo = scene.launch_session("Bo")
        first = scene.post(bo, "uno")
        scene.post(visited.launch_session, "propio")
        second = scene.post(bo, "dos", reply_to_id=first.id)
        held = scene.post(bo, "retenido")
        scene.set(held.id, status="held")
        link = one(visited.get(), "//a[contains(., 'since you were last here')]")
        page = visited.client.get(link.get("href"))
        ids = [str(each) for each in tree(page).xpath("//article/@id")]
        assert ids == [f"p{first.id}", f"p{second.id}"]
        scene.set(held.id, status="published")
        assert "retenido" not in page.text
        assert "retenido" in visited.get("new").text

    def test_nothing_new(self, scene: Scene, visited: Browser) -> None:
        assert "Nothing is new since you were last here." in visited.get("new").text

    def test_at_the_first_visit_nothing_is_new(self, scene: Scene, ana: Browser) -> None:
        assert "Nothing is new" in ana.get("new").text
        scene.post(scene.launch_session("Bo"))
        assert "Nothing is new" in ana.get("new").text

    def test_pages_without_posts_of_other_groups(self, scene: Scene, visited: Browser) -> None:
        bo = scene.launch_session("Bo")
        ids = scene.many(bo, [{"group_id": number % 2} for number in range(90)])
        shown: list[int] = []
        path = "new"
        for _ in range(9):
            with statements_of(scene.database) as statements:
                page = visited.get(path)
            assert len(statements) <= 4, statements
            shown += [int(each) for each in tree(page).xpath("//article/@data-post")]
            more = tree(page).xpath("//p[@class='more']/a/@href")
            if not more:
                break
            path = "new" + more[0]
        assert shown == ids[::2]
