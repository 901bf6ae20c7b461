"""Long threads are moved in steps: at each moment each reply is in one thread, and counted once."""

from typing import Any

import pytest

from lti_tool.discussion import tasks, thread_moves, writer
from lti_tool.discussion.model import Post, ThreadMove
from lti_tool.tasks import outbox
from tests.lti_tool.discussion.moderating import acts, is_right, moderate
from tests.lti_tool.discussion.pages import Browser, tree
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted

AWAY = "This thread is being moved into another one."
HERE = "Another thread is being moved into this one."


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_moves, "BATCH", 3)


def thread(scene: Scene, author: Browser, replies: int = 0, **first: Any) -> list[int]:
    """The ids of a first post and of its replies, by two authors; one of them is hidden."""
    start = scene.post(author.launch_session, **first).id
    bo = scene.launch_session("Bo Castro")
    rows = [{"thread_id": start, "reply_to_id": start, "language": "fr"} for _ in range(replies)]
    ids = [start]
    for number, row in enumerate(rows):
        row |= {"status": "hidden"} if number == 1 else {}
        ids += scene.many(bo if number % 2 else author.launch_session, [row])
    return ids


def work(scene: Scene) -> int:
    return outbox.drain(scene.database, {thread_moves.MOVE_THREAD: thread_moves.move_in_steps})


def shown(browser: Browser, first: int) -> list[int]:
    return sorted(map(int, tree(browser.get(f"thread/{first}")).xpath("//@data-post")))


@pytest.mark.both_engines
def test_a_long_thread_is_moved_by_the_worker(
    scene: Scene, ana: Browser, pilar: Browser, heard: Any
) -> None:
    moved = thread(scene, ana, 8, question_id="who-buys")
    (into,) = thread(scene, ana)
    assert moderate(pilar, moved[0], "move", thread=str(into)).status_code == 303
    assert AWAY in pilar.get(f"post/{moved[0]}/moderate").text
    assert "<h2>Move</h2>" not in pilar.get(f"post/{moved[0]}/moderate").text
    assert (scene.read(moved[0]).reply_count, heard) == (7, [])
    assert work(scene) == 1
    assert {scene.read(each).thread_id for each in moved} == {into}
    assert scene.read(into).reply_count == 8
    assert shown(pilar, into) == sorted([into, *moved])
    assert AWAY not in pilar.get().text
    assert HERE not in pilar.get().text
    assert heard == [("moved", moved[0], "")]
    assert acts(scene) == [("move", moved[0], f"#{into}")]
    assert is_right(scene)
    assert scene.count(ThreadMove) == 0


@pytest.mark.both_engines
def test_a_move_that_was_interrupted_is_continued(
    scene: Scene, ana: Browser, pilar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = thread(scene, ana, 8)
    (into,) = thread(scene, ana)
    moderate(pilar, moved[0], "move", thread=str(into))
    move_replies, calls = writer.move_replies, []

    def killed(*arguments: Any) -> bool:
        calls.append(move_replies(*arguments))
        if len(calls) % 2 == 0:
            raise RuntimeError("killed before the commit")
        return calls[-1]

    monkeypatch.setattr(writer, "move_replies", killed)
    for step in (1, 2):
        with pytest.raises(RuntimeError):
            thread_moves.move_in_steps(scene.database, {"thread": moved[0]})
        left, there = shown(pilar, moved[0]), shown(pilar, into)
        assert len(left) == 9 - 3 * step
        assert sorted(left + there) == sorted([into, *moved])
        assert (scene.read(moved[0]).reply_count, scene.read(into).reply_count) == (
            8 - 3 * step,
            3 * step - 1,
        )
        assert is_right(scene)
        for reader in (ana, pilar):
            assert AWAY in reader.get(f"thread/{moved[0]}").text
            assert HERE in reader.get(f"thread/{into}").text
            assert AWAY in reader.get().text
            assert f"thread/{into}" in reader.get(f"thread/{moved[0]}").text
    thread_moves.move_in_steps(scene.database, {"thread": moved[0]})
    thread_moves.move_in_steps(scene.database, {"thread": moved[0]})
    assert shown(pilar, into) == sorted([into, *moved])
    assert is_right(scene)


def test_a_reply_that_is_written_meanwhile_goes_with_the_thread(
    scene: Scene, ana: Browser, pilar: Browser
) -> None:
    moved = thread(scene, ana, 4)
    (into,) = thread(scene, ana)
    moderate(pilar, moved[0], "move", thread=str(into))
    for answered in (moved[0], moved[-1]):
        response = ana.write("Late.", reply_to=answered, draft_key=f"late {answered}")
        assert response.status_code == 303
    late = [each for each in shown(pilar, into) if each != into]
    assert len(late) == 2
    assert scene.read(late[1]).reply_to_id == moved[-1]
    work(scene)
    assert shown(pilar, into) == sorted([*moved, into, *late])
    assert is_right(scene)


@pytest.mark.parametrize(
    ("post", "act", "fields"),
    [
        ("moved", "move", {"thread": "third"}),
        ("moved", "group", {"group": "0"}),
        ("third", "move", {"thread": "moved"}),
        ("into", "move", {"thread": "moved"}),
    ],
)
def test_what_must_wait_until_a_thread_is_moved(
    scene: Scene, ana: Browser, pilar: Browser, post: str, act: str, fields: dict[str, str]
) -> None:
    ids = {"moved": thread(scene, ana, 4)[0]}
    ids |= {name: thread(scene, ana)[0] for name in ("into", "third")}
    moderate(pilar, ids["moved"], "move", thread=str(ids["into"]))
    typed = {name: str(ids.get(value, value)) for name, value in fields.items()}
    response = moderate(pilar, ids[post], act, **typed)
    assert response.status_code == 409
    assert "This thread is being moved. Wait until that is done." in response.text


@pytest.mark.both_engines
def test_the_target_can_move_on_meanwhile(scene: Scene, ana: Browser, pilar: Browser) -> None:
    moved, (into,), (last,) = thread(scene, ana, 8), thread(scene, ana), thread(scene, ana)
    moderate(pilar, moved[0], "move", thread=str(into))
    moderate(pilar, into, "move", thread=str(last))
    work(scene)
    assert shown(pilar, last) == sorted([last, into, *moved])
    assert is_right(scene)


def test_readers_get_no_link_to_a_thread_of_another_group(
    scene: Scene, ana: Browser, pilar: Browser
) -> None:
    moved, (into,) = thread(scene, ana, 4), thread(scene, ana)
    with scene.database.write() as session:
        first = session.get_one(Post, into)
        writer.move_to_group(session, writer.lock(session, first.discussion_id), first, 7)
    moderate(pilar, moved[0], "move", thread=str(into))
    assert f"thread/{into}" in pilar.get().text
    assert AWAY in ana.get().text
    assert f"thread/{into}" not in ana.get().text
    assert "closed this thread" in ana.write("to whom?", reply_to=moved[0]).text
    work(scene)
    assert {scene.read(each).group_id for each in moved} == {7}
    assert is_right(scene)


@pytest.mark.both_engines
def test_a_step_takes_a_bounded_number_of_statements(
    scene: Scene, ana: Browser, pilar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = []
    for batch in (4, 24):
        monkeypatch.setattr(thread_moves, "BATCH", batch)
        moved, (into,) = thread(scene, ana, batch + 1), thread(scene, ana)
        moderate(pilar, moved[0], "move", thread=str(into))
        with counted(scene.database) as statements, scene.database.write() as session:
            assert thread_moves._step(session, moved[0])
        numbers.append(len(statements))
        work(scene)
    assert numbers[0] == numbers[1] <= 24, numbers


def test_the_worker_knows_the_task() -> None:
    assert tasks.handlers[thread_moves.MOVE_THREAD] is thread_moves.move_in_steps
