"""The installed wheel works like the checkout: it serves and builds from an empty folder."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
import requests

from tests.support.served import wait_until_ready
from tests.support.tool import free_port

pytestmark = pytest.mark.early

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and with nothing of the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    packages = next((folder / "lib").glob("python*/site-packages"))
    # The libraries are those of this run; a path in a .pth file brings no other .pth along, so
    # the checkout, which is installed here in place, stays out.
    (packages / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", wheel],
        check=True,
    )  # fmt: skip
    return folder / "bin"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return tmp_path


def environ(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "MINGA_DATA_DIR": str(folder / "data"), **more}


def test_the_wheel_carries_everything_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "courseware/_data/templates/module/page.html",
        "courseware/_data/templates/static/minga.css",
        "courseware/_data/content/module-4/module.toml",
        "courseware/_data/content/how-to-write-a-module/module.toml",
        "courseware/_data/translations/ar/LC_MESSAGES/minga.mo",
        "courseware/_data/translations/ar/LC_MESSAGES/minga.po",
        "scorm_builder/runtime/session.js",
        "lti_tool/storage/migrations/env.py",
        "demo_lms/static/lms.css",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_it_runs_no_code_of_the_checkout(installed: Path, empty: Path) -> None:
    told = subprocess.run(
        [installed / "python", "-c", "import lti_tool, courseware; print(lti_tool.__file__)"],
        cwd=empty,
        env=environ(empty),
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(ROOT) not in told.stdout


def test_it_serves(installed: Path, empty: Path) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    log = empty / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [installed / "lti-tool", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
            cwd=empty,
            env=environ(empty, MINGA_PUBLIC_URL=url),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_until_ready(url, lambda: process.poll() is None, log)
            home = requests.get(url, headers={"Accept-Language": "es"}, timeout=5)
            assert '<html lang="es"' in home.text
        finally:
            process.terminate()
            process.wait(30)


def test_it_builds(installed: Path, empty: Path) -> None:
    # A module that comes along is found by its name.
    for arguments in (["build", "module-4", "-o", "out"], ["check", "out"]):
        made = sorted(str(path) for path in (empty / "out").glob("*.zip"))
        done = subprocess.run(
            [installed / "scorm-builder", *(arguments[:1] + made if made else arguments)],
            cwd=empty,
            env=environ(empty),
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert len(made) >= 1
