"""Check and inspection of mutated packages never raise an exception.

``MINGA_TEST_EXAMPLES=2000`` mutates each small package 2,000 times: 28,000 in all.
"""

import os
from pathlib import Path
from random import Random

import pytest

from courseware.module import Module
from scorm_builder.build import build
from scorm_builder.formats import registry
from tests.support.mutations import examine, mutated
from tests.support.small_packages import PACKAGES, Files, files_of

MUTATIONS = int(os.environ.get("MINGA_TEST_EXAMPLES", "40"))


@pytest.mark.parametrize("name", PACKAGES)
def test_a_mutated_small_package(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for number in range(MUTATIONS):
        path.write_bytes(mutated(Random(f"{name}-{number}"), PACKAGES[name]))
        assert examine(path) < 5, number


@pytest.fixture(scope="module")
def built(module: Module, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    folder = tmp_path_factory.mktemp("built")
    names = [one.name for one in registry.buildable_formats() if one.name != "print"]
    return {
        name: files_of(build(module, folder, format_name=name, languages=["es"]).path)
        for name in names
    }


def test_a_mutated_package_of_ours(built: dict[str, Files], tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for name, files in built.items():
        for number in range(6):
            path.write_bytes(mutated(Random(f"ours-{name}-{number}"), files))
            assert examine(path) < 5, (name, number)


@pytest.mark.parametrize("name", [b"\xff.html", b"con", b"e\xcc\x81.html", b"\x1b[2J.html"])
def test_a_folder_with_odd_names(name: bytes, tmp_path: Path) -> None:
    for file, data in PACKAGES["scorm12"].items():
        (tmp_path / file).write_bytes(data)
    path = bytes(tmp_path) + b"/" + name
    try:
        with open(path, "wb") as file:  # noqa: PTH123 - Path has no names in bytes
            file.write(b"<p>")
    except OSError:
        pytest.skip("this file system has no such names")
    assert examine(tmp_path) < 5
