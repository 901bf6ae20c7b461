"""What people attached is in the file with everything, and in what a person downloads."""

import json
import shutil
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from sqlalchemy import select, update

from lti_tool.attachments import service as attachments
from lti_tool.attachments import store as stores
from lti_tool.attachments.model import Attachment
from lti_tool.attachments.store import FolderStore, StoreError, open_store
from lti_tool.discussion.model import Post
from lti_tool.personal_data import archive, export_store, exports, service, zip_draft
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import NotNow, RetryAfter
from tests.lti_tool.attachments import files
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.personal_data.exporting import DECLARATIONS, Exporting


@pytest.fixture
def exporting(scene: Scene) -> Exporting:
    return Exporting(scene)


@pytest.fixture(params=["folder", "bucket"])
def stored(
    request: pytest.FixtureRequest,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Exporting]:
    """With each kind of store."""
    if request.param == "folder":
        yield Exporting(scenes.make(database, tmp_path))
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="minga")
        url = "s3://minga/files?region=us-east-1"
        yield Exporting(scenes.make(database, tmp_path, MINGA_ATTACHMENTS_URL=url))


def attach(
    scene: Scene,
    user: CurrentSession,
    name: str = "notes.pdf",
    *,
    content: bytes = files.PDF,
    alt: str = "",
    key: str = "form",
) -> Attachment:
    assert user.user_id is not None
    number = attachments.add(
        scene.database,
        scene.settings,
        user_id=user.user_id,
        draft_key=key,
        name=name,
        content=content,
        alt=alt,
    )
    with scene.database.read() as session:
        return session.get_one(Attachment, number)


def posted(scene: Scene, user: CurrentSession, *names: str, text: str = "See the files.") -> Post:
    for name in names:
        attach(scene, user, name, key=text)
    return scene.post(user, text, draft_key=text)


def stored_file(scene: Scene, row: Attachment) -> Path:
    return scene.settings.data_dir / "attachments" / row.store_key[:2] / row.store_key


# The file of an institution


@pytest.mark.both_engines
def test_files_are_in_the_archive_and_posts_refer_to_them(stored: Exporting) -> None:
    scene = stored.scene
    ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
    photo = attach(scene, ana, "Feria del sábado.JPEG", content=files.picture(), alt="A market")
    post = scene.post(ana, "See the photo.", draft_key="form")
    without = scene.post(ana, "Nothing is attached.")
    draft = attach(scene, bo, "notes.pdf", key="not published")
    stored.request()
    stored.build()
    content, (of_ana, of_bo) = stored.content(), stored.data()
    path = f"files/{photo.id}-Feria del sábado.jpg"
    assert content[path] == open_store(scene.settings).read(photo.store_key)
    described = {
        "file": "Feria del sábado.JPEG",
        "size": len(content[path]),
        "media_type": "image/jpeg",
        "text_alternative": "A market",
        "path": path,
    }
    by_number = {each["post"]: each["files"] for each in of_ana["posts"]}
    assert by_number == {post.id: [described], without.id: []}
    [row] = of_ana["files"]
    assert row == described | {"post": post.id, "written_at": photo.created_at.isoformat()}
    assert [(each["post"], each["path"]) for each in of_bo["files"]] == [
        (None, f"files/{draft.id}-notes.pdf")
    ]
    assert content[f"files/{draft.id}-notes.pdf"] == files.PDF
    assert {"institution.json", "people.jsonl", "courses.jsonl", "log.jsonl"} < set(content)
    assert stored.latest is not None
    assert stored.latest.progress.missing_files == 0


def test_files_of_hidden_posts_are_in_it_and_those_of_deleted_posts_are_not(
    exporting: Exporting,
) -> None:
    scene = exporting.scene
    ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
    hidden = posted(scene, ana, "hidden.pdf", text="Hidden")
    scene.set(hidden.id, status="hidden")
    scene.delete(ana, posted(scene, ana, "deleted.pdf", text="Deleted"))
    posted(scene, bo, "erased.pdf", text="Erased")
    service.erase(scene.database, scene.settings, DECLARATIONS, bo.user_id or 0)
    exporting.request()
    exporting.build()
    names = [name for name in exporting.content() if name.startswith("files/")]
    assert [name.partition("-")[2] for name in names] == ["hidden.pdf"]


HOSTILE = (
    "../../../etc/passwd",
    "..\\..\\boot.ini",
    "/abs.pdf",
    "people.jsonl",
    "same.pdf",
    "SAME.pdf",
    "a\0b.pdf",
    "nul",
    "x" * 150,
    "語" * 150,
    "\u202efdp.exe",
    "",
)


def test_no_name_leaves_the_folder_or_stands_there_twice(
    exporting: Exporting, tmp_path: Path
) -> None:
    scene = exporting.scene
    ana = scene.launch_session("Ana")
    for number, name in enumerate(HOSTILE):
        row = attach(scene, ana, key=f"form {number}")
        with scene.database.write() as session:  # as if a name had been stored as it came
            session.execute(
                update(Attachment).where(Attachment.id == row.id).values(name=name[:150])
            )
    exporting.request()
    exporting.build()
    assert exporting.latest is not None
    target = tmp_path / "extracted"
    with zipfile.ZipFile(export_store.file_of(exporting.settings, exporting.latest)) as found:
        found.extractall(target)
    extracted = [each for each in target.rglob("*") if each.is_file()]
    assert {each.parent for each in extracted} == {target, target / "files"}
    inside = [each.name for each in extracted if each.parent != target]
    assert len({name.casefold() for name in inside}) == len(HOSTILE)
    [person] = exporting.data()
    assert {each["path"].removeprefix("files/") for each in person["files"]} == set(inside)
    assert [each["file"] for each in person["files"]] == [name[:150] for name in HOSTILE]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (Path.unlink, "missing"),
        (lambda path: path.write_bytes(files.PDF[:-1]), "unreadable"),
        (lambda path: path.chmod(0) or path.unlink() or path.mkdir(), "unreadable"),
    ],
    ids=["deleted", "cut off", "a folder"],
)
def test_a_file_that_cannot_be_read_is_named(exporting: Exporting, damage, problem: str) -> None:
    scene = exporting.scene
    ana = scene.launch_session("Ana")
    rows = [attach(scene, ana, name) for name in ("first.pdf", "second.pdf", "third.pdf")]
    post = scene.post(ana, "See the files.", draft_key="form")
    damage(stored_file(scene, rows[1]))
    exporting.request()
    exporting.build()
    [person] = exporting.data()
    [entry] = [each for each in person["posts"] if each["post"] == post.id]
    for found in (person["files"], entry["files"]):
        assert [each.get("problem") for each in found] == [None, problem, None]
        assert ["path" in each for each in found] == [True, False, True]
    names = [name for name in exporting.content() if name.startswith("files/")]
    assert names == [f"files/{rows[0].id}-first.pdf", f"files/{rows[2].id}-third.pdf"]
    assert exporting.latest is not None
    assert exporting.latest.progress.missing_files == 1


class HalfAFile(FolderStore):
    """The second file ends with an error, so often."""

    failures = 0

    def pieces(self, key: str) -> Iterator[bytes]:
        found = super().pieces(key)
        if key != self.bad or self.failures == 0:
            yield from found
            return
        type(self).failures -= 1
        yield next(found)[:10]
        raise StoreError("the connection ended")


@pytest.mark.parametrize(("failures", "problem"), [(1, None), (2, "unreadable")])
def test_a_file_that_fails_half_way_is_read_again_and_then_named(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch, failures: int, problem: str | None
) -> None:
    scene = exporting.scene
    ana = scene.launch_session("Ana")
    rows = [attach(scene, ana, name) for name in ("first.pdf", "second.pdf", "third.pdf")]
    monkeypatch.setattr(HalfAFile, "bad", rows[1].store_key, raising=False)
    monkeypatch.setattr(HalfAFile, "failures", failures)
    monkeypatch.setattr(stores, "FolderStore", HalfAFile)
    exporting.request()
    exporting.build()
    [person] = exporting.data()
    assert [each.get("problem") for each in person["files"]] == [None, problem, None]
    content = exporting.content()
    found = [content[name] for name in content if name.startswith("files/")]
    assert found == [files.PDF] * (3 if problem is None else 2), "no half of a file"


@pytest.mark.both_engines
def test_a_store_that_is_away_is_asked_again(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written before is not written again."""
    scene = exporting.scene
    people = [scene.launch_session(f"Person {number}") for number in range(3)]
    rows = [attach(scene, each, f"{name}.pdf") for each in people for name in "ab"]
    folder = scene.settings.data_dir / "attachments"
    read: list[str] = []
    away = folder.with_name("not mounted")

    class Leaving(FolderStore):
        def pieces(self, key: str) -> Iterator[bytes]:
            if len(read) == 3 and folder.exists():
                folder.rename(away)
            yield from super().pieces(key)
            read.append(key)

    monkeypatch.setattr(stores, "FolderStore", Leaving)
    exporting.request()
    with pytest.raises(RetryAfter, match="the attachments folder"):
        exporting.build()
    assert exporting.latest is not None
    assert exporting.latest.progress.people == 1, "the second person is not complete"
    with pytest.raises(RetryAfter):
        exporting.build()
    away.rename(folder)
    read.append("the folder stays now")
    exporting.build()
    assert exporting.people() == ["Person 0", "Person 1", "Person 2"]
    assert read.count(rows[0].store_key) == 1
    names = [name for name in exporting.content() if name.startswith("files/")]
    assert len(names) == 6
    assert exporting.latest.progress.missing_files == 0


def test_a_bucket_that_is_away_is_asked_again(stored: Exporting) -> None:
    scene = stored.scene
    ana = scene.launch_session("Ana")
    posted(scene, ana, "notes.pdf")
    if scene.settings.attachments_url is None:
        shutil.rmtree(scene.settings.data_dir / "attachments")
    else:
        bucket = boto3.resource("s3", region_name="us-east-1").Bucket("minga")
        bucket.objects.all().delete()
        bucket.delete()
    stored.request()
    with pytest.raises(RetryAfter, match="attachments"):
        stored.build()
    assert stored.latest is not None
    assert not stored.latest.is_ready


@pytest.mark.both_engines
def test_slices_and_crashes_double_no_file(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = exporting.scene
    expected = {}
    for number in range(6):
        person = scene.launch_session(f"Person {number}")
        row = attach(scene, person, f"{number}.pdf", content=files.PDF + bytes(number))
        expected[f"files/{row.id}-{number}.pdf"] = files.PDF + bytes(number)
    monkeypatch.setattr(exports, "SLICE", -1.0)
    exporting.request()
    for number in range(3):
        with pytest.raises(NotNow):
            exporting.build()
        assert exporting.latest is not None
        draft = export_store.draft_of(exporting.settings, exporting.latest)
        with draft.open("ab") as stream:  # written, and not stored as written, when power went
            stream.write(b"PK\x03\x04 half of a file" + bytes(number))
    monkeypatch.setattr(exports, "SLICE", 60.0)
    exporting.build()
    content = exporting.content()
    assert {name: content[name] for name in content if name.startswith("files/")} == expected
    assert exporting.people() == [f"Person {number}" for number in range(6)]
    assert exporting.files == [".zip"]


@pytest.mark.parametrize("left", [5, 30])
def test_a_draft_that_lost_its_content_begins_again(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    scene = exporting.scene
    for number in range(3):
        attach(scene, scene.launch_session(f"Person {number}"), f"{number}.pdf")
    monkeypatch.setattr(exports, "SLICE", -1.0)
    exporting.request()
    with pytest.raises(NotNow):
        exporting.build()
    assert exporting.latest is not None
    draft = export_store.draft_of(exporting.settings, exporting.latest)
    size = draft.stat().st_size
    draft.write_bytes(bytes(size) if left == 30 else draft.read_bytes()[:left])
    monkeypatch.setattr(exports, "SLICE", 60.0)
    if left == 30:  # of the size that is expected, with zeros
        with pytest.raises(Exception, match=r"^$"):
            exporting.build()
    exporting.build()
    assert exporting.people() == ["Person 0", "Person 1", "Person 2"]
    assert len([name for name in exporting.content() if name.startswith("files/")]) == 3


def test_two_workers_make_one_file(exporting: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits: a worker that was stopped longer than its lease goes on."""
    scene = exporting.scene
    for number in range(4):
        attach(scene, scene.launch_session(f"Person {number}"), f"{number}.pdf")
    began, go_on = threading.Event(), threading.Event()
    add_files = archive.add_files

    def slowly(*arguments) -> int:
        began.set()
        assert go_on.wait(30)
        return add_files(*arguments)

    monkeypatch.setattr(archive, "add_files", slowly)
    exporting.request()
    first = threading.Thread(target=exporting.build)
    first.start()
    assert began.wait(30)
    with pytest.raises(NotNow):
        exporting.build()
    go_on.set()
    first.join(30)
    exporting.build()
    assert exporting.people() == [f"Person {number}" for number in range(4)]
    assert exporting.files == [".zip"]


def test_a_file_of_50_mb_takes_little_memory(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = exporting.scene
    ana = scene.launch_session("Ana")
    row = attach(scene, ana, "large.pdf")
    size = 50 << 20
    with stored_file(scene, row).open("wb") as stream:
        for number in range(50):
            stream.write(bytes([number]) * (1 << 20))
    with scene.database.write() as session:
        session.execute(update(Attachment).values(size=size))
    lengths = set()
    pieces = FolderStore.pieces

    def counted(self: FolderStore, key: str) -> Iterator[bytes]:
        for piece in pieces(self, key):
            lengths.add(len(piece))
            yield piece

    monkeypatch.setattr(FolderStore, "pieces", counted)
    exporting.request()
    tracemalloc.start()
    exporting.build()
    exported = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    person = archive.person_with_files(scene.database, DECLARATIONS, ana.user_id or 0)
    with archive.person_archive(scene.settings, person, "my-data.json") as downloaded:
        own = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        with zipfile.ZipFile(downloaded) as found:
            assert found.getinfo(f"files/{row.id}-large.pdf").file_size == size
    assert lengths == {stores.PIECE}
    assert max(exported, own) < 16 << 20
    assert exporting.latest is not None
    with zipfile.ZipFile(export_store.file_of(exporting.settings, exporting.latest)) as found:
        assert found.testzip() is None
        assert found.getinfo(f"files/{row.id}-large.pdf").file_size == size


def test_an_export_leaves_room_on_the_disk(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may be on the same disk."""
    scene = exporting.scene
    ana = scene.launch_session("Ana")
    attach(scene, ana)
    monkeypatch.setattr(archive, "FREE", 1 << 60)
    exporting.request()
    with pytest.raises(RetryAfter, match="too little room") as raised:
        exporting.build()
    assert raised.value.seconds == timedelta(hours=1).total_seconds()
    assert exporting.files == []
    monkeypatch.setattr(archive, "FREE", 0)
    exporting.build()
    assert exporting.people() == ["Ana"]


def test_an_archive_above_4_gib_can_be_read(exporting: Exporting) -> None:
    """Positions in the directory are then of 64 bits; the hole in the draft takes no room."""
    path = exporting.settings.data_dir / "large.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w+b") as stream:
        end = 0
        for name in ("a", "b", "c"):
            with zip_draft.continued(stream, end) as target:
                entry = zipfile.ZipInfo(name)
                entry.file_size = 3
                with target.open(entry, "w") as content:
                    content.write(b"abc")
                end = stream.tell()
            if name == "a":  # make the first entry 4 GiB long
                stream.seek(18)
                stream.write((0xFFFFFF00).to_bytes(4, "little") * 2)
                stream.truncate(end - 3 + 0xFFFFFF00)
                end = stream.seek(0, 2)
        with zip_draft.completed(stream, end) as target:
            target.writestr("last", "abc")
    with zipfile.ZipFile(path) as found:
        assert found.namelist() == ["a", "b", "c", "last"]
        assert found.getinfo("c").header_offset > 0xFFFFFF00
        assert found.read("c") == found.read("last") == b"abc"
    path.unlink()


# What a person downloads


def test_the_same_data_and_files_for_one_person(exporting: Exporting) -> None:
    scene = exporting.scene
    ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
    posted(scene, ana, "of ana.pdf", text="Ana")
    posted(scene, bo, "of bo.pdf", text="Bo")
    exporting.request()
    exporting.build()
    person = archive.person_with_files(scene.database, DECLARATIONS, ana.user_id or 0)
    stream = archive.person_archive(scene.settings, person, "my-data.json")
    with stream, zipfile.ZipFile(stream) as found:
        content = {name: found.read(name) for name in found.namelist()}
    data = json.loads(content.pop("my-data.json"))
    assert data == exporting.data()[0]
    [path] = content
    assert path.endswith("-of ana.pdf")
    assert content[path] == exporting.content()[path]
    with scene.database.read() as session:
        numbers = session.scalars(select(Attachment.id).where(Attachment.user_id == ana.user_id))
        assert [path.partition("-")[0]] == [f"files/{number}" for number in numbers]
