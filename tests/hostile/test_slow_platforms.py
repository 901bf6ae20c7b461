"""A platform that is slow, broken or gone is the trouble of its own launches and of no others."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_lms.register_tool import register_tool
from demo_lms.running import Running
from lti_tool.lti.refusal import Code
from tests.support.driver import Driver
from tests.support.served import Served, served
from tests.support.site import running_lms

pytestmark = pytest.mark.early


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two processes, as by default."""
    folder: Path = tmp_path_factory.mktemp("served") / "data"
    with served(folder, "--workers", "2", "--threads", "4") as running:
        yield running


@pytest.fixture
def lms(tool: Served) -> Iterator[Running]:
    with running_lms() as running:
        register_tool(running.state, tool.invite())
        yield running


@pytest.fixture
def slow_lms(tool: Served) -> Iterator[Running]:
    with running_lms() as running:
        register_tool(running.state, tool.invite())
        running.state.faults.key_set_delay = 60  # longer than any tool waits
        yield running


def test_three_launches_wait_for_a_slow_key_set_while_others_go_on(
    tool: Served, lms: Running, slow_lms: Running
) -> None:
    answers: list[int] = []

    def wait() -> None:
        answers.append(Driver(slow_lms, tool.url).launch("joao").status_code)

    asked = slow_lms.state.faults.key_set_fetches
    waiting = [threading.Thread(target=wait) for _ in range(3)]
    for thread in waiting:
        thread.start()
    while slow_lms.state.faults.key_set_fetches == asked:
        time.sleep(0.01)  # until the slow platform has been asked for its keys
    for _ in range(3):
        assert Driver(lms, tool.url).launch("amina").status_code == 200
    assert 200 not in answers, "the others came through while the slow platform was still silent"
    slow_lms.state.faults.key_set_delay = 0
    for thread in waiting:
        thread.join()
    # Each waiting browser gets its page, or a page that says to try again.
    assert set(answers) <= {200, 424}
    assert Driver(slow_lms, tool.url).launch("joao").status_code == 200


def test_forged_key_ids_do_not_make_the_tool_fetch_again_and_again(
    tool: Served, lms: Running
) -> None:
    assert Driver(lms, tool.url).launch("joao").status_code == 200
    before = lms.state.faults.key_set_fetches
    for number in range(20):
        answer = Driver(lms, tool.url).launch("joao", sign={"header": {"kid": f"forged-{number}"}})
        assert answer.status_code == 401
    assert lms.state.faults.key_set_fetches - before <= 1
    assert Driver(lms, tool.url).launch("joao").status_code == 200


@pytest.mark.parametrize(
    ("mischief", "code"),
    [
        ({"key_set_status": 404}, Code.PLATFORM_KEYS_BAD),
        ({"key_set_status": 500}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "not-json"}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "empty"}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "no-keys"}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "list"}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "malformed-key"}, Code.PLATFORM_KEYS_BAD),
        ({"key_set": "huge"}, Code.PLATFORM_KEYS_BAD),
    ],
)
def test_a_bad_key_set_is_a_readable_refusal(
    tool: Served, lms: Running, mischief: dict[str, object], code: Code
) -> None:
    for name, value in mischief.items():
        setattr(lms.state.faults, name, value)
    answer = Driver(lms, tool.url).launch("joao")
    assert answer.status_code == 424
    assert "<h1>" in answer.text
    assert any(f"<bdi>{each}</bdi>" in answer.text for each in (code, Code.PLATFORM_UNREACHABLE))


def test_a_good_key_set_outlives_the_platforms_outage(tool: Served, lms: Running) -> None:
    for _ in range(4):  # each process has met the key
        assert Driver(lms, tool.url).launch("joao").status_code == 200
    lms.state.faults.key_set_status = 500
    for _ in range(4):
        assert Driver(lms, tool.url).launch("joao").status_code == 200


def test_the_tool_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--with-worker", "--workers", "1") as running:
        pass
    assert running.process.exitcode == 0
