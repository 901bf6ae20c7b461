"""What the worker does with packages: builds that die, builds that fail, and tidying."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from courseware.module import Module
from courseware.parser.reader import read
from lti_tool import worker
from lti_tool.packages import service
from lti_tool.packages.model import Package
from lti_tool.packages.tasks import fingerprint
from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from scorm_builder import build_digest
from scorm_builder.checking.check import check
from tests.support.small_module import write_module

WISH = ("scorm12", "es en ar")


@dataclass(frozen=True)
class Yard:
    """A worker's database, settings, and one module's folder."""

    database: Database
    settings: Settings
    module_folder: Path

    @property
    def module(self) -> Module:
        return read(self.module_folder)

    @property
    def row(self) -> Package:
        with self.database.read() as session:
            return session.scalars(select(Package)).one()

    @property
    def folder(self) -> Path:
        return service.folder_of(self.settings)

    def ask(self) -> None:
        content = fingerprint(self.module, self.settings)
        service.ask(self.database, self.settings, self.module, content, WISH)

    def drain(self) -> int:
        return worker.drained(self.settings, self.database)

    def change(self, **values: object) -> None:
        with self.database.write() as session:
            session.execute(update(Package).values(**values))

    def lease_runs_out(self) -> None:
        with self.database.write() as session:
            session.execute(update(OutboxRow).values(leased_until=now()))

    def tidy(self) -> None:
        worker.purge(self.settings, self.database)


@pytest.fixture
def yard(database: Database, tmp_path: Path) -> Yard:
    folder = write_module(tmp_path / "content")
    environ = {
        "MINGA_DATA_DIR": str(tmp_path / "data"),
        "MINGA_CONTENT_DIR": str(tmp_path / "content"),
        "MINGA_PUBLIC_URL": "https://tool.example",
    }
    return Yard(database, load(environ), folder)


def broken(error: BaseException) -> Callable[..., object]:
    def build(*_: object, **__: object) -> object:
        raise error

    return build


def test_a_worker_that_is_killed_leaves_the_build_to_the_next(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.ask()
    with monkeypatch.context() as patch:
        patch.setattr("scorm_builder.build.build", broken(KeyboardInterrupt()))
        patch.setattr(outbox, "release", lambda *_: False)  # a killed worker releases nothing
        with pytest.raises(KeyboardInterrupt):
            yard.drain()
    assert yard.row.status == "building"
    left = yard.folder / str(yard.row.id) / ".market-scorm12.zip.0123.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert yard.drain() == 0, "somebody else may still be at it"
    yard.lease_runs_out()
    assert yard.drain() == 1
    assert yard.row.status == "ready"
    assert [file.name for file in left.parent.iterdir()] == ["market-scorm12.zip"]
    assert check(yard.folder / yard.row.path).good


def test_a_worker_that_is_killed_after_the_build_builds_nothing_twice(yard: Yard) -> None:
    yard.ask()
    yard.drain()
    done = yard.row.finished_at
    with yard.database.write() as session:
        session.execute(update(OutboxRow).values(due_at=now(), done_at=None))
    assert yard.drain() == 1
    assert yard.row.finished_at == done


def test_who_was_overtaken_changes_nothing_any_more(yard: Yard) -> None:
    yard.ask()
    slow = service.begin(yard.database, yard.row.id)
    quick = service.begin(yard.database, yard.row.id)
    assert slow is not None
    assert quick is not None
    service.fail(yard.database, slow, "too late")
    assert (yard.row.status, yard.row.error) == ("building", None)
    service.finish(yard.database, quick, path="1/market.zip", size=5)
    service.finish(yard.database, slow, path="1/late.zip", size=4)
    assert (yard.row.status, yard.row.path) == ("ready", "1/market.zip")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device", "/srv/secret"), "No space left on device"),
        (ZeroDivisionError("María"), "The builder stopped: ZeroDivisionError."),
    ],
)
def test_the_instructor_is_told_what_failed_and_nothing_else(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    yard.ask()
    with monkeypatch.context() as patch:
        patch.setattr("scorm_builder.build.build", broken(error))
        yard.drain()
    assert yard.row.status == "failed"
    assert told in yard.row.error
    assert "srv" not in yard.row.error
    assert "María" not in yard.row.error
    yard.ask()
    assert yard.drain() == 1
    assert (yard.row.status, yard.row.error) == ("ready", None)


def test_a_module_that_is_gone(yard: Yard) -> None:
    yard.ask()
    yard.module_folder.rename(yard.module_folder.with_name(".away"))
    yard.drain()
    assert yard.row.status == "failed"


def test_a_live_tool_elsewhere_makes_another_package(yard: Yard, tmp_path: Path) -> None:
    moved = load(
        {
            "MINGA_DATA_DIR": str(tmp_path / "data"),
            "MINGA_PUBLIC_URL": "https://other.example",
        }
    )
    here, there = (fingerprint(yard.module, each) for each in (yard.settings, moved))
    assert here != there


def test_what_an_older_builder_made_is_not_given_away(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def there() -> dict[service.Wish, Package]:
        content = fingerprint(yard.module, yard.settings)
        return service.packages_of(yard.database, yard.settings, yard.module, content)

    yard.ask()
    yard.drain()
    assert there()[WISH].status == "ready"
    monkeypatch.setattr(build_digest, "program_digest", lambda: "the next release")
    assert there() == {}
    yard.ask()
    assert yard.drain() == 1
    assert there()[WISH].status == "ready"


def test_old_packages_are_forgotten_when_the_module_has_changed(yard: Yard) -> None:
    yard.ask()
    yard.drain()
    month_ago = now() - timedelta(days=31)
    yard.tidy()
    assert yard.row.status == "ready"
    yard.change(asked_at=month_ago)
    yard.tidy()
    assert yard.row.status == "ready", "it is still what the module is"
    file = yard.folder / yard.row.path
    (yard.module_folder / "es" / "introduction.md").write_text("# Otra\n\nCosa.\n")
    yard.change(asked_at=now())
    yard.tidy()
    assert file.is_file(), "somebody may still be about to download it"
    yard.change(asked_at=month_ago)
    yard.tidy()
    assert not file.parent.exists()
    with yard.database.read() as session:
        assert session.scalars(select(Package)).all() == []


def test_a_folder_that_nobody_knows_is_deleted(yard: Yard) -> None:
    yard.ask()
    yard.drain()
    stray = yard.folder / "4711"
    stray.mkdir()
    (stray / "x.zip").write_bytes(b"x")
    yard.tidy()
    assert not stray.exists()
    assert (yard.folder / yard.row.path).is_file()


def test_a_build_that_always_kills_the_worker_is_called_failed(yard: Yard) -> None:
    yard.ask()
    service.begin(yard.database, yard.row.id)
    yard.tidy()
    assert yard.row.status == "building"
    yard.change(started_at=now() - service.LONGEST_BUILD - timedelta(seconds=1))
    yard.tidy()
    assert yard.row.status == "failed"
    yard.ask()
    yard.drain()
    assert yard.row.status == "ready"


def test_a_build_is_called_failed_only_when_the_outbox_has_given_up() -> None:
    assert service.LONGEST_BUILD > outbox.LEASE * outbox.MOST_ATTEMPTS
