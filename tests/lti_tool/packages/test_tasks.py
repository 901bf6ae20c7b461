"""Package builds in the worker: crashes, failures and cleaning up."""

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
from lti_tool.packages.model import PackageBuild
from lti_tool.packages.tasks import fingerprint
from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow
from scorm_builder import build_digest
from scorm_builder.checking.check import check
from tests.support.small_module import write_module

pytestmark = pytest.mark.both_engines

VARIANT = ("scorm12", "es en ar")


@dataclass(frozen=True)
class PackageSite:
    """A worker with its database and settings, and the folder of one module."""

    database: Database
    settings: Settings
    module_folder: Path

    @property
    def module(self) -> Module:
        return read(self.module_folder)

    @property
    def row(self) -> PackageBuild:
        with self.database.read() as session:
            return session.scalars(select(PackageBuild)).one()

    @property
    def folder(self) -> Path:
        return service.packages_folder(self.settings)

    def request(self) -> None:
        content = fingerprint(self.module, self.settings)
        service.request_build(self.database, self.settings, self.module, content, VARIANT)

    def drain(self) -> int:
        return worker.drained(self.settings, self.database)

    def change(self, **values: object) -> None:
        with self.database.write() as session:
            session.execute(update(PackageBuild).values(**values))

    def expire_lease(self) -> None:
        with self.database.write() as session:
            session.execute(update(OutboxRow).values(leased_until=now()))

    def purge(self) -> None:
        worker.purge(self.settings, self.database)


@pytest.fixture
def site(database: Database, tmp_path: Path) -> PackageSite:
    folder = write_module(tmp_path / "content")
    environ = {
        "MINGA_DATA_DIR": str(tmp_path / "data"),
        "MINGA_CONTENT_DIR": str(tmp_path / "content"),
        "MINGA_PUBLIC_URL": "https://tool.example",
    }
    return PackageSite(database, load(environ), folder)


def raising(error: BaseException) -> Callable[..., object]:
    def build(*_: object, **__: object) -> object:
        raise error

    return build


def test_a_build_of_a_killed_worker_is_repeated(
    site: PackageSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.request()
    with monkeypatch.context() as patch:
        patch.setattr("scorm_builder.build.build", raising(KeyboardInterrupt()))
        patch.setattr(outbox, "release", lambda *_: False)  # a killed worker releases nothing
        with pytest.raises(KeyboardInterrupt):
            site.drain()
    assert site.row.status == "building"
    leftover = site.folder / str(site.row.id) / ".market-scorm12.zip.0123.part"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    assert site.drain() == 0, "the lease has not expired"
    site.expire_lease()
    assert site.drain() == 1
    assert site.row.status == "ready"
    assert [file.name for file in leftover.parent.iterdir()] == ["market-scorm12.zip"]
    assert check(site.folder / site.row.path).good


def test_a_finished_build_is_not_repeated(site: PackageSite) -> None:
    site.request()
    site.drain()
    finished_at = site.row.finished_at
    with site.database.write() as session:
        session.execute(update(OutboxRow).values(due_at=now(), done_at=None))
    assert site.drain() == 1
    assert site.row.finished_at == finished_at


def test_a_superseded_build_writes_nothing(site: PackageSite) -> None:
    site.request()
    slow = service.start_build(site.database, site.row.id)
    quick = service.start_build(site.database, site.row.id)
    assert slow is not None
    assert quick is not None
    service.fail_build(site.database, slow, "too late")
    assert (site.row.status, site.row.error) == ("building", None)
    service.finish_build(site.database, quick, path="1/market.zip", size=5)
    service.finish_build(site.database, slow, path="1/late.zip", size=4)
    assert (site.row.status, site.row.path) == ("ready", "1/market.zip")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space leftover on device", "/srv/secret"), "No space leftover on device"),
        (ZeroDivisionError("María"), "The builder stopped: ZeroDivisionError."),
    ],
)
def test_the_error_message_reveals_no_details(
    site: PackageSite, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    site.request()
    with monkeypatch.context() as patch:
        patch.setattr("scorm_builder.build.build", raising(error))
        site.drain()
    assert site.row.status == "failed"
    assert message in site.row.error
    assert "srv" not in site.row.error
    assert "María" not in site.row.error
    site.request()
    assert site.drain() == 1
    assert (site.row.status, site.row.error) == ("ready", None)


def test_a_removed_module(site: PackageSite) -> None:
    site.request()
    site.module_folder.rename(site.module_folder.with_name(".away"))
    site.drain()
    assert site.row.status == "failed"


def test_the_digest_includes_the_public_url(site: PackageSite, tmp_path: Path) -> None:
    moved = load(
        {
            "MINGA_DATA_DIR": str(tmp_path / "data"),
            "MINGA_PUBLIC_URL": "https://other.example",
        }
    )
    first, second = (fingerprint(site.module, each) for each in (site.settings, moved))
    assert first != second


def test_packages_of_an_older_release_are_not_offered(
    site: PackageSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def packages() -> dict[service.Variant, PackageBuild]:
        content = fingerprint(site.module, site.settings)
        return service.packages_of(site.database, site.settings, site.module, content)

    site.request()
    site.drain()
    assert packages()[VARIANT].status == "ready"
    monkeypatch.setattr(build_digest, "program_digest", lambda: "the next release")
    assert packages() == {}
    site.request()
    assert site.drain() == 1
    assert packages()[VARIANT].status == "ready"


def test_old_packages_of_a_changed_module_are_deleted(site: PackageSite) -> None:
    site.request()
    site.drain()
    month_ago = now() - timedelta(days=31)
    site.purge()
    assert site.row.status == "ready"
    site.change(asked_at=month_ago)
    site.purge()
    assert site.row.status == "ready", "it is the current version"
    file = site.folder / site.row.path
    (site.module_folder / "es" / "introduction.md").write_text("# Otra\n\nCosa.\n")
    site.change(asked_at=now())
    site.purge()
    assert file.is_file(), "it is not old yet"
    site.change(asked_at=month_ago)
    site.purge()
    assert not file.parent.exists()
    with site.database.read() as session:
        assert session.scalars(select(PackageBuild)).all() == []


def test_orphaned_folders_are_deleted(site: PackageSite) -> None:
    site.request()
    site.drain()
    stray = site.folder / "4711"
    stray.mkdir()
    (stray / "x.zip").write_bytes(b"x")
    site.purge()
    assert not stray.exists()
    assert (site.folder / site.row.path).is_file()


def test_a_stale_build_fails(site: PackageSite) -> None:
    site.request()
    service.start_build(site.database, site.row.id)
    site.purge()
    assert site.row.status == "building"
    site.change(started_at=now() - service.MAX_BUILD_TIME - timedelta(seconds=1))
    site.purge()
    assert site.row.status == "failed"
    site.request()
    site.drain()
    assert site.row.status == "ready"


def test_a_build_becomes_stale_only_after_all_attempts() -> None:
    assert service.MAX_BUILD_TIME > outbox.LEASE * outbox.MOST_ATTEMPTS
