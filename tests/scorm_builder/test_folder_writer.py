"""A website as a folder: written atomically, never over foreign files."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.parser.reader import read
from scorm_builder import folder_writer
from scorm_builder.batch import BuildRequest, BuildResult, run
from scorm_builder.build import BuiltPackage, TooLargeError, build
from scorm_builder.checking.check import check
from scorm_builder.plan import PlanError
from tests.support.builder import run as command
from tests.support.small_module import write_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def made(folder: Path, out: Path) -> BuiltPackage:
    return build(read(folder), out, format_name="website", unpacked=True)


def files_of(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def test_the_folder_has_the_files_of_the_zip(folder: Path, out: Path) -> None:
    package = made(folder, out)
    assert package.path == out / "market-website"
    with zipfile.ZipFile(build(read(folder), out, format_name="website").path) as archive:
        assert files_of(package.path) == {name: archive.read(name) for name in archive.namelist()}
        assert package.files == len(archive.namelist())
    assert package.size == sum(map(len, files_of(package.path).values()))
    assert check(package.path).findings == ()


def test_a_new_build_leaves_no_file_of_the_old_one(folder: Path, out: Path) -> None:
    first = files_of(made(folder, out).path)
    page = folder / "es/introduction.md"
    page.write_text(page.read_text("utf-8").replace("![mercado](../media/market.svg)", ""), "utf-8")
    second = files_of(made(folder, out).path)
    assert set(first) - set(second) == {"media/market.svg"}
    assert [path.name for path in out.iterdir()] == ["market-website"]


STRANGE: dict[str, Callable[[Path], object]] = {
    "CNAME": lambda site: (site / "CNAME").write_text("example.org"),
    ".htaccess": lambda site: (site / ".htaccess").write_text(""),
    "media/notes/mine.txt": lambda site: (
        (site / "media/notes").mkdir(),
        (site / "media/notes/mine.txt").write_text("mine"),
    ),
    "en.html": lambda site: (site / "en.html").write_bytes(
        (site / "en.html").read_bytes().replace(b"market", b"MARKET")
    ),
    "link": lambda site: (site / "link").symlink_to(site / "en.html"),
    "ar.html": lambda site: (site / "sw.js").write_text("const FILES = [];\n"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_folder_with_foreign_files_is_not_replaced(folder: Path, out: Path, name: str) -> None:
    site = made(folder, out).path
    STRANGE[name](site)
    before = files_of(site)
    with pytest.raises(FileExistsError) as refused:
        made(folder, out)
    assert f"the folder holds {name}" in str(refused.value)
    assert files_of(site) == before
    assert list(out.iterdir()) == [site]


def test_a_folder_that_is_no_website_is_not_replaced(folder: Path, out: Path) -> None:
    site = out / "market-website"
    site.mkdir(parents=True)
    (site / "thesis.odt").write_text("three years")
    with pytest.raises(FileExistsError, match=r"the folder holds thesis\.odt, which"):
        made(folder, out)
    (site / "thesis.odt").unlink()
    assert made(folder, out).path == site
    for name in files_of(site):
        (site / name).unlink()
    assert made(folder, out).files


@pytest.mark.parametrize(
    "put",
    [
        lambda site: site.write_text("a file"),
        lambda site: site.symlink_to(site.with_name("elsewhere"), target_is_directory=True),
    ],
)
def test_a_file_is_not_replaced_by_a_folder(
    folder: Path, out: Path, put: Callable[[Path], object]
) -> None:
    (out / "elsewhere").mkdir(parents=True)
    put(out / "market-website")
    with pytest.raises(FileExistsError, match="this is no folder"):
        made(folder, out)
    assert not list((out / "elsewhere").iterdir())


def test_system_files_are_ignored(folder: Path, out: Path) -> None:
    site = made(folder, out).path
    (site / "media/.DS_Store").write_bytes(b"\0")
    made(folder, out)
    assert not (site / "media/.DS_Store").exists()


@pytest.mark.parametrize("step", ["copy", "_swap"])
def test_an_interrupted_build_leaves_the_old_site(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = files_of(made(folder, out).path)
    with monkeypatch.context() as patch:
        patch.setattr(folder_writer, step, die)
        with pytest.raises(OSError, match="No space left"):
            made(folder, out)
    assert files_of(out / "market-website") == before
    assert [path.name for path in out.iterdir()] == ["market-website"]


def test_a_failed_rename_restores_the_old_site(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(made(folder, out).path)
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name.endswith(".part"):
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        made(folder, out)
    assert files_of(out / "market-website") == before
    assert [path.name for path in out.iterdir()] == ["market-website"]


def test_a_folder_that_is_too_large_is_deleted(folder: Path, out: Path) -> None:
    with pytest.raises(TooLargeError, match="market-website would have"):
        build(read(folder), out, format_name="website", unpacked=True, max_size=1000)
    assert not list(out.iterdir())


def test_other_formats_are_one_file(folder: Path, out: Path) -> None:
    with pytest.raises(PlanError, match=r"SCORM 1\.2 is one file, not a folder"):
        build(read(folder), out, format_name="scorm12", unpacked=True)


def test_an_unchanged_folder_is_not_built_again(folder: Path, out: Path) -> None:
    request = BuildRequest(out, ("website", "scorm12"), unpacked=True)

    def results() -> list[BuildResult]:
        found = run([folder], request)
        assert all(result.package for result in found)
        return found

    assert [result.package.path.name for result in results() if result.package] == [
        "market-website",
        "market-scorm12.zip",
    ]
    assert [result.unchanged for result in results()] == [True, True]
    (out / "market-website/media/guide.pdf").unlink()
    assert [result.unchanged for result in results()] == [False, True]
    (as_zip,) = run([folder], BuildRequest(out, ("website",)))
    assert as_zip.package
    assert as_zip.package.path.name == "market-website.zip"
    assert not as_zip.unchanged


def test_the_command(folder: Path, tmp_path: Path) -> None:
    arguments = ("build", folder, "--format", "website", "--unpacked")
    done = command(*arguments, cwd=tmp_path)
    assert done.stdout.startswith("market-website/  website, es, en, ar; ")
    (facts,) = json.loads(command(*arguments, "--json", cwd=tmp_path).stdout)
    assert (facts["package"], facts["unpacked"], facts["unchanged"]) == (
        "market-website",
        True,
        True,
    )
    (tmp_path / "market-website/mine.txt").write_text("mine")
    refused = command(*arguments, cwd=tmp_path)
    assert refused.returncode == 1
    assert "market-website: the folder holds mine.txt, which this program" in refused.stderr
    wrong = command("build", folder, "--unpacked", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "use --unpacked with --format website" in wrong.stderr


def test_a_folder_is_checked_and_inspected_as_its_zip_is(folder: Path, tmp_path: Path) -> None:
    made(folder, tmp_path)
    build(read(folder), tmp_path, format_name="website")
    site = tmp_path / "market-website"
    assert command("check", site, cwd=tmp_path).stdout == f"{site}: good (website).\n"
    shown = [
        json.loads(command("inspect", name, "--json", cwd=tmp_path).stdout)[0]
        for name in ("market-website", "market-website.zip")
    ]
    for one in shown:
        del one["path"], one["size"]
    assert shown[0] == shown[1]
    (site / "en.html").write_text("<html lang=en><title>x</title>")
    (site / "link").symlink_to("/etc/passwd")
    invalid = command("check", site, cwd=tmp_path)
    assert invalid.returncode == 1
    assert "[website/digest; " in invalid.stderr
    assert "[folder/symlink]" in invalid.stderr
    assert command("inspect", folder, cwd=tmp_path).returncode == 2


def test_any_package_can_be_checked_unpacked(folder: Path, tmp_path: Path) -> None:
    for form in ("scorm12", "scorm2004-4", "cc13"):
        package = build(read(folder), tmp_path, format_name=form).path
        with zipfile.ZipFile(package) as archive:
            archive.extractall(tmp_path / form)
        assert (check(tmp_path / form).format, check(tmp_path / form).good) == (form, True)
    (tmp_path / "scorm12/index.html").unlink()
    assert not check(tmp_path / "scorm12").good
