"""Search: what is found in which script, by whom, and at which cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.discussion import search, search_index, search_words, writer
from lti_tool.discussion.model import Discussion, Post, PostWords
from lti_tool.discussion.search import Position, SearchPage
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.discussion.scene import Scene, statements_of

pytestmark = pytest.mark.both_engines


def find(scene: Scene, launch_session: CurrentSession, query: str, **options: object) -> SearchPage:
    """Search as the user of a session, with the titles of the module's questions."""
    titles = {each.id: each.titles["en"] for each in scene.module.questions}
    with scene.database.read_core(in_transaction=True) as connection:
        return search.find(
            connection,
            scene.scope(launch_session),
            search_words.parse_query(query).terms,
            latest=scene.state(launch_session).latest_sequence,
            questions=titles,
            **options,  # type: ignore[arg-type]
        )


def found(scene: Scene, launch_session: CurrentSession, query: str, **options: object) -> list[int]:
    return [hit.row.id for hit in find(scene, launch_session, query, **options).hits]


@pytest.mark.parametrize(
    ("written", "query", "is_found"),
    [
        # Case and accents.
        ("La caja de **aho**rros", "AHORROS", True),
        ("Se decidió el año pasado", "decidio ano", True),
        ("une école à Besançon", "école besancon", True),
        ("l'école d’hier", "école hier", True),
        ("Straße, Łódź, Ærø", "strasse lodz aero", True),
        ("Ñande reko g̃uarã, mba'e porã", "guara mba'e pora", True),
        ("Ёлка и йод", "елка", True),
        ("Συνεταιρισμός", "συνεταιρισμος", True),
        # Turkish i, dotted and dotless.
        ("IĞDIR ve İstanbul", "iğdır istanbul", True),
        ("ısparta", "ISPARTA", True),
        # The beginning of a word is enough, its end is not.
        ("cooperativas", "cooperativa", True),
        ("cooperativas", "operativas", False),
        ("cooperativa", "cooperativas", False),
        # Short words, alone and beside others; a letter alone is a word.
        ("ok", "ok", True),
        ("a quick ok", "quick ok", True),
        ("a quick one", "quick ok", False),
        ("plan B", "b", True),
        ("bueno", "b", False),
        ("Rule 7, line 12", "7", True),
        ("٧ قواعد", "7", True),
        # Arabic: hamza, alef, taa marbuta, points, tatweel, article and conjunction.
        ("أحمد إلى آخر", "احمد الى اخر", True),
        ("مدرسة", "مدرسه", True),
        ("وَالْكِتَابُ", "كتاب", True),
        ("كتاب", "الكتاب", True),
        ("بالمدرسة", "المدرسة", True),
        ("كــتاب", "كتاب", True),
        ("مسجد", "كتاب", False),
        ("שָׁלוֹם", "שלום", True),
        # Without spaces: each substring, of one character too.
        ("部署v2版本", "部署", True),
        ("部署v2版本", "署", True),
        ("部署v2版本", "v2", True),
        ("我们的合作社每个月一起决定", "合作社", True),
        ("我们的合作社每个月一起决定", "社合作", False),
        ("私たちの協同組合です", "協同組合", True),
        ("ｶﾀｶﾅ", "カタカナ", True),
        ("สหกรณ์ของเราตัดสินใจร่วมกัน", "ตัดสินใจ", True),
        ("สหกรณ์ของเราตัดสินใจร่วมกัน", "เรา", True),
        ("สหกรณ์ของเรา", "ตัดสิน", False),
        ("សហករណ៍របស់\u200bយើង", "របស់យើង", True),
        ("학교에서 배웠다", "학교", True),
        ("हिन्दी में", "हिन्दी", True),
        # Not searched: marks of formatting, and URLs of links.
        ("[la carta](https://example.org/secreta)", "carta", True),
        ("[la carta](https://example.org/secreta)", "secreta", False),
        ("uno &amp; dos <b>tres</b>", "dos tres", True),
        ("1 < 2 y a > b", "a b 1 2", True),
    ],
)
def test_what_finds_what(scene: Scene, written: str, query: str, is_found: bool) -> None:
    ana = scene.launch_session("Zz")
    post = scene.post(ana, written)
    scene.post(ana, "xyz")
    assert found(scene, ana, query) == ([post.id] if is_found else [])


WORDS = ("ok", "quick", "brown", "b", "caja", "cajas", "部", "部署", "署部", "合作", "año", "x1")


@settings(max_examples=15)
@given(
    texts=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=6
    ),
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
)
def test_both_engines_find_what_a_plain_comparison_finds(
    scene: Scene, texts: list[list[str]], query: list[str]
) -> None:
    def has(text: list[str], word: str) -> bool:
        if word[0] in "部署合":
            return any(word in each for each in text)
        if len(word) == 1:
            return word in text
        return any(each.startswith(word) for each in text)

    ana = scene.launch_session("Zz")
    posts = [scene.post(ana, " ".join(each)).id for each in texts]
    expected = {
        post
        for post, each in zip(posts, texts, strict=True)
        if all(has(each, word) for word in query)
    }
    hits = set(found(scene, ana, " ".join(query), limit=1000))
    assert hits & set(posts) == expected


def test_name_question_and_text_count_together(scene: Scene) -> None:
    ana, bo = scene.launch_session("Ana Quispe"), scene.launch_session("Bo Nguyễn")
    answer = scene.post(ana, "Los vecinos", question_id="who-buys")
    scene.post(ana, "Los vecinos")
    scene.post(bo, "Los vecinos", question_id="who-sells")
    assert found(scene, bo, "buys") == [answer.id]
    assert found(scene, bo, "vecinos quispe buys") == [answer.id]
    assert found(scene, bo, "nguyen buys") == []
    assert len(found(scene, bo, "who")) == 2


class TestRules:
    """Visibility is applied before the page is taken: nothing hidden is found or counted."""

    @pytest.fixture
    def ana(self, scene: Scene) -> CurrentSession:
        return scene.launch_session("Ana Quispe")

    @pytest.fixture
    def bo(self, scene: Scene) -> CurrentSession:
        return scene.launch_session("Bo")

    @pytest.fixture
    def pilar(self, scene: Scene) -> CurrentSession:
        return scene.launch_session("Pilar", instructor=True)

    @pytest.mark.parametrize("status", ["held", "hidden"])
    def test_held_and_hidden_posts_are_found_by_author_and_instructors(
        self,
        scene: Scene,
        ana: CurrentSession,
        bo: CurrentSession,
        pilar: CurrentSession,
        status: str,
    ) -> None:
        shown = scene.post(ana, "secreto")
        post = scene.post(ana, "secreto")
        scene.set(post.id, status=status)
        assert found(scene, bo, "secreto", limit=1) == [shown.id]
        assert find(scene, bo, "secreto", limit=1).older is None
        for reader in (ana, pilar):
            assert found(scene, reader, "secreto") == [post.id, shown.id]
        scene.set(post.id, status="published")
        assert found(scene, bo, "secreto") == [post.id, shown.id]

    def test_a_deleted_post_is_found_by_nobody_and_leaves_no_words(
        self, scene: Scene, ana: CurrentSession, pilar: CurrentSession
    ) -> None:
        post = scene.post(ana, "secreto", question_id="who-buys")
        scene.post(ana, "respuesta", reply_to_id=post.id)
        scene.delete(ana, post)
        for query in ("secreto", "buys"):
            assert found(scene, pilar, query) == found(scene, ana, query) == []
        assert scene.count(PostWords) == 1

    def test_an_edited_post_is_found_by_its_new_text_only(
        self, scene: Scene, ana: CurrentSession
    ) -> None:
        post = scene.post(ana, "antes")
        scene.edit(ana, post, "después")
        assert found(scene, ana, "antes") == []
        assert found(scene, ana, "despues") == [post.id]

    def test_groups(
        self, scene: Scene, ana: CurrentSession, bo: CurrentSession, pilar: CurrentSession
    ) -> None:
        post = scene.post(ana, "secreto")
        with scene.database.write() as session:
            first = session.get_one(Post, post.id)
            writer.move_to_group(session, writer.lock(session, first.discussion_id), first, 7)
        assert found(scene, bo, "secreto") == []
        assert found(scene, pilar, "secreto") == [post.id]

    def test_another_discussion(self, scene: Scene, ana: CurrentSession) -> None:
        scene.post(ana, "secreto")
        with scene.database.write() as session:
            session.execute(update(Discussion).values(archived_at=Discussion.created_at))
        scene.post(ana, "otro")
        assert found(scene, ana, "secreto") == []

    def test_a_name_never_finds_an_anonymous_post(
        self, scene: Scene, ana: CurrentSession, bo: CurrentSession, pilar: CurrentSession
    ) -> None:
        named = scene.post(ana, "Hola")
        scene.settings_are(anonymous=True)
        hidden = scene.post(ana, "Hola")
        code = scene.read(hidden.id).author_code
        assert code
        for reader in (ana, bo, pilar):
            assert found(scene, reader, "quispe") == [named.id]
            assert found(scene, reader, code) == []

    def test_an_erased_author_is_not_found_by_name(
        self, scene: Scene, ana: CurrentSession, bo: CurrentSession
    ) -> None:
        post = scene.post(ana, "Hola")
        scene.set(post.id, author_id=None, author_name=None)
        assert found(scene, bo, "quispe") == []
        assert found(scene, bo, "hola") == [post.id]

    def test_languages(self, scene: Scene, ana: CurrentSession) -> None:
        spanish = scene.post(ana, "radio", language="es")
        french = scene.post(ana, "radio", language="fr")
        scene.post(ana, "radio", language="pt")
        assert found(scene, ana, "radio", languages=["fr", "es"]) == [french.id, spanish.id]


class TestPages:
    @pytest.fixture(autouse=True)
    def small_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_index, "BLOCK", 4)

    def test_pages_give_every_post_once_the_newest_first(self, scene: Scene) -> None:
        ana = scene.launch_session()
        ids = [scene.post(ana, "radio" if number % 3 else "otra").id for number in range(30)]
        expected = [each for number, each in enumerate(ids) if number % 3][::-1]
        shown: list[int] = []
        after = None
        for _ in range(40):
            page = find(scene, ana, "radio", limit=4, after=after)
            shown += [hit.row.id for hit in page.hits]
            after = page.older
            if after is None:
                break
        assert shown == expected

    def test_a_search_stops_at_its_limit_and_goes_on_from_there(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search, "_MOST_STATEMENTS", 2)
        monkeypatch.setattr(search, "_MOST_BLOCKS", 2)
        ana = scene.launch_session()
        post = scene.post(ana, "radio")
        for _ in range(20):
            scene.post(ana, "otra")
        with statements_of(scene.database) as statements:
            page = find(scene, ana, "radio")
        assert len([each for each in statements if "candidates" in each]) == 2
        assert (page.hits, page.partly) == ((), True)
        for _ in range(9):
            page = find(scene, ana, "radio", after=page.older)
            if page.hits:
                break
        assert [hit.row.id for hit in page.hits] == [post.id]

    def test_a_common_word_is_answered_by_one_statement(self, scene: Scene) -> None:
        ana = scene.launch_session()
        for _ in range(14):
            scene.post(ana, "radio")
        with statements_of(scene.database) as statements:
            find(scene, ana, "radio", limit=2)
        assert len([each for each in statements if "candidates" in each]) == 1

    @pytest.mark.parametrize("value", [None, "", "1", "1.", ".1", "1.x", "1.2.3", "-1.2", "٣.٣"])
    def test_invalid_positions(self, value: str | None) -> None:
        assert search.parse_position(value) is None

    def test_positions_beyond_the_ends(self, scene: Scene) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "radio")
        assert search.parse_position("3.7") == Position(3, 7)
        assert found(scene, ana, "radio", after=Position(999_999_999, 1)) == [post.id]
        assert found(scene, ana, "radio", after=Position(0, 0)) == []


class TestSnippets:
    @pytest.mark.parametrize(
        ("shown", "query", "marked"),
        [
            ("La Cooperación y la cooperativa", "coop", ["Cooperación", "cooperativa"]),
            ("قال والكتابُ", "كتاب", ["والكتابُ"]),
            ("我们的合作社每个月", "合作社", ["合作社"]),
            ("ตัดสินใจ", "สิน", ["สิน"]),
            ("ﬁnal Straße", "final strasse", ["ﬁnal", "Straße"]),
            ("nada", "otra", []),
        ],
    )
    def test_what_is_marked(self, shown: str, query: str, marked: list[str]) -> None:
        spans = search_words.matches(shown, search_words.parse_query(query).terms)
        pieces = search_words.snippet(shown, spans)
        assert [piece.text for piece in pieces if piece.found] == marked
        assert "".join(piece.text for piece in pieces) == shown

    def test_a_long_text_is_cut_around_the_first_match(self) -> None:
        shown = "uno dos tres " * 200 + "radio " + "cuatro cinco " * 200
        spans = search_words.matches(shown, search_words.parse_query("radio").terms)
        pieces = search_words.snippet(shown, spans)
        assert pieces[0].text == pieces[-1].text[::-1] == "… "
        assert sum(len(piece.text) for piece in pieces) < 320
        assert [piece.text for piece in pieces if piece.found] == ["radio"]

    def test_only_the_matches_of_the_snippet_are_looked_for(self) -> None:
        shown = "radio " * 500
        terms = search_words.parse_query("radio").terms
        near = search_words.matches(shown, terms, within=search_words.SNIPPET)
        every = search_words.matches(shown, terms)
        assert near == every[: len(near)]
        assert len(near) < 60 < len(every)
        assert search_words.snippet(shown, near) == search_words.snippet(shown, every)

    @given(st.text(max_size=400), st.text(max_size=30))
    def test_a_snippet_is_a_part_of_the_text(self, shown: str, query: str) -> None:
        spans = search_words.matches(shown, search_words.parse_query(query).terms)
        assert all(0 <= begin < end <= len(shown) for begin, end in spans)
        pieces = search_words.snippet(shown, spans)
        inner = [each.text for each in pieces if each.text not in ("… ", " …")]
        assert "".join(inner) in shown


@pytest.mark.parametrize("query", ["", "  ", "!?…", "--", '"', "* ( ) ^", "\u200b", "\x00"])
def test_queries_without_words(query: str) -> None:
    assert search_words.parse_query(query) == ((), False)


def test_long_queries_are_cut() -> None:
    many = search_words.parse_query(" ".join(f"w{number}" for number in range(9)))
    assert (len(many.terms), many.cut) == (8, True)
    assert search_words.parse_query("a" * 20_000).cut
    assert not search_words.parse_query("a a a a a a a a a a a").cut


@given(st.text(max_size=100))
def test_no_query_is_an_operator(query: str) -> None:
    for term in search_words.parse_query(query).terms:
        for token in term.tokens:
            assert token.text
            assert not set(token.text) & set("'\"*&|!():<>\\ .=-\x00\t\n")
