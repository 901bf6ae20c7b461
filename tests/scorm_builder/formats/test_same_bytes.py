"""Every format gives the same bytes from the same module, wherever and whenever it is built."""

import os
import shutil
from pathlib import Path

import pytest

from courseware.reader import read
from scorm_builder.build import build
from scorm_builder.names import FORMATS, ONE_LANGUAGE
from tests.support.small_module import write_module


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "print"])
def test_the_same_module_gives_the_same_bytes(form: str, tmp_path: Path) -> None:
    one = write_module(tmp_path / "one")
    two = tmp_path / "two words" / "market"
    shutil.copytree(one, two)
    for path in two.rglob("*"):
        os.utime(path, (1e9, 1e9))
    languages = ["ar"] if form in ONE_LANGUAGE else []
    made = [
        build(read(folder), tmp_path / f"out-{folder.parent.name}", form=form, languages=languages)
        for folder in (one, two)
    ]
    assert made[0].path.read_bytes() == made[1].path.read_bytes()
    assert made[0].path.name == made[1].path.name
