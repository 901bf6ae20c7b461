import io
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scorm_builder import zip_writer
from scorm_builder.plan import PackageFile, from_bytes


def from_file(path: str, source: Path) -> PackageFile:
    known = from_bytes(path, source.read_bytes())
    return PackageFile(path, None, source, known.size, known.sha256)


@pytest.fixture
def files(tmp_path: Path) -> list[PackageFile]:
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(3_000_000))
    words = tmp_path / "words.vtt"
    words.write_text("WEBVTT\n" * 1000)
    return [
        from_bytes("index.html", b"<p>Hola</p>" * 100),
        from_bytes("ñandú/名.txt", b"x"),
        from_file("film.mp4", film),
        from_file("words.vtt", words),
        from_bytes("empty.txt", b""),
    ]


def test_entries_are_stored_in_order(files: list[PackageFile], tmp_path: Path) -> None:
    zip_writer.write(tmp_path / "a.zip", files)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [file.path for file in files]
        assert archive.testzip() is None
        for file in files:
            data = file.data if file.data is not None else (file.source or Path()).read_bytes()
            assert archive.read(file.path) == data


def test_entries_are_independent_of_the_machine(files: list[PackageFile], tmp_path: Path) -> None:
    zip_writer.write(tmp_path / "a.zip", files)
    for entry in zipfile.ZipFile(tmp_path / "a.zip").infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.create_system == 3
        assert entry.external_attr >> 16 == stat.S_IFREG | 0o644
        assert entry.extra == b""
        assert entry.flag_bits & 0x800 == (0 if entry.filename.isascii() else 0x800)


def test_compressed_media_is_stored_uncompressed(files: list[PackageFile], tmp_path: Path) -> None:
    zip_writer.write(tmp_path / "a.zip", files)
    kinds = {
        entry.filename: entry.compress_type
        for entry in zipfile.ZipFile(tmp_path / "a.zip").infolist()
    }
    assert kinds["film.mp4"] == zipfile.ZIP_STORED
    assert kinds["words.vtt"] == zipfile.ZIP_DEFLATED


@pytest.mark.parametrize(
    ("epoch", "moment"),
    [
        ("1700000000", (2023, 11, 14, 22, 13, 20)),
        ("0", (1980, 1, 1, 0, 0, 0)),
        ("", (1980, 1, 1, 0, 0, 0)),
        ("soon", (1980, 1, 1, 0, 0, 0)),
        ("99999999999", (2107, 11, 16, 9, 46, 38)),
    ],
)
def test_the_time_is_source_date_epoch_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: str, moment: tuple[int, ...]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    zip_writer.write(tmp_path / "a.zip", [from_bytes("a", b"a")])
    assert zipfile.ZipFile(tmp_path / "a.zip").infolist()[0].date_time == moment


def test_a_file_that_changes_during_the_build_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("before")
    file = from_file("a.txt", source)
    source.write_text("after!")
    with pytest.raises(zip_writer.SourceChangedError, match=r"a\.txt changed while"):
        zip_writer.write(tmp_path / "a.zip", [file])


def test_large_files_are_copied_in_chunks(
    files: list[PackageFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = []
    write = zipfile._ZipWriteFile.write  # type: ignore[attr-defined]

    def noted(self: object, data: bytes) -> int:
        largest.append(len(data))
        return int(write(self, data))

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", noted)  # type: ignore[attr-defined]
    zip_writer.write(tmp_path / "a.zip", [file for file in files if file.source])
    assert max(largest) <= 1 << 20
    assert sum(largest) > 3_000_000


def half_written(target: Path, accident: type[BaseException]) -> None:
    with zip_writer.replace_when_done(target) as part:
        part.write_bytes(b"half")
        raise accident


@pytest.mark.parametrize("accident", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_no_partial_file(tmp_path: Path, accident: type[BaseException]) -> None:
    target = tmp_path / "a.zip"
    with pytest.raises(accident):
        half_written(target, accident)
    assert list(tmp_path.iterdir()) == []
    target.write_bytes(b"before")
    with pytest.raises(accident):
        half_written(target, accident)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_build_that_is_killed_leaves_no_package(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from scorm_builder import zip_writer
from scorm_builder.plan import from_bytes
def slowly():
    yield from_bytes("a.txt", b"a" * 100_000)
    print("half", flush=True)
    time.sleep(60)
with zip_writer.replace_when_done(Path(sys.argv[1])) as part:
    zip_writer.write(part, slowly())
"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.zip")]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.kill()
    assert not (tmp_path / "a.zip").exists()


def test_a_finished_file_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"before")
    with zip_writer.replace_when_done(target) as part:
        assert part.parent == tmp_path
        part.write_bytes(b"whole")
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def test_other_programs_can_read_the_zip(tmp_path: Path) -> None:
    zip_writer.write(tmp_path / "a.zip", [from_bytes("a.txt", b"a" * 1000)])
    data = (tmp_path / "a.zip").read_bytes()
    assert data[:4] == b"PK\x03\x04"
    assert zipfile.is_zipfile(io.BytesIO(data))
