"""Each analysis of a post is linear and bounded, and runs before the write transaction."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.post_texts import LENGTHS, TEXTS, analyses, rendered
from courseware import characters
from courseware.markdown import module_html, unformatted_html
from lti_tool.discussion import checks, languages, text
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import PostVersion
from lti_tool.discussion.queries import find_post
from tests.lti_tool.discussion.scene import Scene

MAX_GROWTH = 3
FLOOR = 40
"""Milliseconds below which growth is ignored as noise."""
CEILING = 500
"""Milliseconds: several times the slowest text on an idle machine."""
MAX_HTML = 250_000
ROUNDS = 15

TOO_COMPLEX = "|a" * 2500 + "\n" + "|-" * 2500 + "\n" + "|\n" * 4900


@pytest.fixture(scope="module", autouse=True)
def _classifier_loaded() -> None:
    languages.detect("The classifier is loaded once.", languages.OFFERED)


def timed(act: Callable[[], object]) -> tuple[float, Any]:
    """Return the CPU time of one run in milliseconds, and its result."""
    start = time.process_time()
    result = act()
    return (time.process_time() - start) * 1000, result


def html_of(name: str) -> str | None:
    """The HTML of one of the texts at full length, or None if it is rejected."""
    return rendered(text.clean_text(TEXTS[name](LENGTHS[1])))


def is_linear(long: Callable[[], object], short: Callable[[], object], took: float) -> bool:
    """Whether twice the text takes at most ``MAX_GROWTH`` as long; repeated because of noise.

    ``took``: milliseconds of a first run of the long text.
    """
    least = float("inf")
    for _ in range(ROUNDS):
        least = min(least, timed(short)[0])
        if took <= min(CEILING, max(FLOOR, MAX_GROWTH * least)):
            return True
        took = min(took, timed(long)[0])
    return False


@pytest.mark.parametrize("name", TEXTS)
def test_each_analysis_is_linear_and_the_html_is_bounded(name: str) -> None:
    make = TEXTS[name]
    html = None
    for number, (kind, long) in enumerate(
        zip(("clean", "detect", "render"), analyses(make(LENGTHS[1])), strict=True)
    ):
        took, html = timed(long)
        if took > FLOOR:
            assert is_linear(long, analyses(make(LENGTHS[0]))[number], took), kind
    if html is None:  # rejected at full length
        html = rendered(text.clean_text(make(LENGTHS[0])))
    assert len(html or "") <= MAX_HTML


@pytest.mark.parametrize(
    "name",
    ["Spanish", "Spanish paragraphs", "Thai", "Chinese", "Lao", "Khmer", "Arabic", "emoji",
     "mixed", "full table", "Persian", "URLs in lines"],
)  # fmt: skip
def test_ordinary_texts_of_full_length_are_accepted(name: str) -> None:
    assert html_of(name)


@pytest.mark.parametrize(
    "name",
    ["wide table", "square table", "many wide tables", "aligned cells", "lazy quotes",
     "long references", "references to a long title", "references to a long URL of Thai",
     "500 brackets before new lines", "one word a paragraph", "stars of growing lengths"],
)  # fmt: skip
def test_too_much_formatting_is_rejected(name: str) -> None:
    assert html_of(name) is None


def test_modules_have_no_such_limits() -> None:
    html = module_html(TOO_COMPLEX, url=lambda url: url)
    assert html.count("<td>") > 60_000


def test_many_marks_on_a_letter_are_split_into_stream_safe_runs() -> None:
    submitted = "e" + "\u0301\u0323" * 100
    stored = text.clean_text(submitted)
    assert stored.replace("\u034f", "").count("\u0323") + stored.count("\u1eb9") == 100
    assert max(map(len, stored.split("\u034f"))) <= 31
    assert text.clean_text(stored) == stored


@pytest.mark.parametrize(
    "submitted", ["กำลังใจ ที่นี่ น้ำ", "שָׁלוֹם", "q\u0307\u0323", "नमस्ते", "a\u0301" * 50]
)
def test_ordinary_marks_get_no_joiner(submitted: str) -> None:
    assert "\u034f" not in text.clean_text(submitted)


@pytest.mark.parametrize(
    ("submitted", "language"),
    [
        ("เราตัดสินใจร่วมกัน" * 1000, "th"),
        ("write to ana.quispe+x@correo.example.org เราตัดสินใจ", "th"),
        ("> " + "quoted words in English " * 300 + "\n\nเราตัดสินใจร่วมกัน", "th"),
        ("josé@example.org.pe", None),
    ],
)
def test_the_language_is_that_of_the_authors_own_words(
    submitted: str, language: str | None
) -> None:
    assert languages.detect_by_script(submitted, ("es", "en", "th")) == language


class TestBeforeTheTransaction:
    @pytest.fixture
    def analysed(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
        """Record each analysis, and whether it runs in a write transaction of its thread."""
        calls: list[tuple[str, bool]] = []
        writing = threading.local()
        write = scene.database.write

        class RecordingTransaction:
            def __enter__(self) -> Any:
                self.inner = write()
                writing.now = True
                return self.inner.__enter__()

            def __exit__(self, *error: Any) -> Any:
                writing.now = False
                return self.inner.__exit__(*error)

        def watch(owner: Any, name: str) -> None:
            original = getattr(owner, name)

            def recorded(*arguments: Any) -> Any:
                calls.append((name, getattr(writing, "now", False)))
                return original(*arguments)

            monkeypatch.setattr(owner, name, recorded)

        monkeypatch.setattr(scene.database, "write", RecordingTransaction)
        for owner, name in (
            (checks, "post_html"),
            (text, "clean_text"),
            (characters, "is_blank"),
            (languages, "detect_by_script"),
            (languages, "detect"),
        ):
            watch(owner, name)
        return calls

    ALL = frozenset({"post_html", "clean_text", "is_blank", "detect_by_script"})

    def test_posts_and_replies(self, scene: Scene, analysed: list[tuple[str, bool]]) -> None:
        launch_session = scene.launch_session()
        first = scene.post(launch_session, "Hola")
        scene.post(launch_session, "Hola", reply_to_id=first.id)
        assert {name for name, _ in analysed} == self.ALL
        assert not any(inside for _, inside in analysed)
        assert [name for name, _ in analysed].count("clean_text") == 2

    def test_edits(self, scene: Scene, analysed: list[tuple[str, bool]]) -> None:
        launch_session = scene.launch_session()
        written = scene.post(launch_session, "Hola")
        analysed.clear()
        scene.edit(launch_session, written, "Hola de nuevo")
        assert {name for name, _ in analysed} == self.ALL
        assert not any(inside for _, inside in analysed)

    def test_a_rejection_does_not_wait_for_a_writer(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        written = scene.post(launch_session, "Hola")
        reasons: list[Reason] = []

        def attempt(act: Callable[[], object]) -> None:
            try:
                act()
            except DiscussionError as error:
                reasons.append(error.reason)

        attempts = (
            lambda: scene.post(launch_session, TOO_COMPLEX[:20_000]),
            lambda: scene.edit(launch_session, written, TOO_COMPLEX[:20_000]),
        )
        with scene.database.write() as session:
            session.add(PostVersion(post_id=written.id, source="x", replaced_at=written.created_at))
            session.flush()
            threads = [threading.Thread(target=attempt, args=(act,)) for act in attempts]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
            assert reasons == [Reason.TOO_COMPLEX] * 2


def test_a_stored_post_above_the_current_limits_is_shown_without_formatting(scene: Scene) -> None:
    launch_session = scene.launch_session()
    source = TOO_COMPLEX[:20_000]
    (post_id,) = scene.many(
        launch_session, [{"source": source, "html": "<p>old</p>", "renderer": "0"}]
    )
    with scene.database.read_core() as connection:
        found = find_post(connection, scene.scope(launch_session), post_id)
    assert found is not None
    assert found.html == unformatted_html(source)


def test_unformatted_html_is_escaped() -> None:
    shown = unformatted_html('<script>"&\nb')
    assert shown == '<p dir="auto">&lt;script&gt;&quot;&amp;<br>\nb</p>'
