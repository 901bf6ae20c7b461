"""The command group."""

import subprocess
import sys
from pathlib import Path

from tests.support.builder import ROOT, run


def test_it_explains_itself(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    for name in ("build", "check", "inspect", "new", "preview", "translate"):
        assert f"\n  {name} " in done.stdout
        assert run(name, "--help", cwd=tmp_path).returncode == 0


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    for arguments in (("build",), ("bake", "module-4"), ("build", "--bake", "module-4")):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_the_command_group_imports_nothing_heavy() -> None:
    code = "import sys, scorm_builder.commands.group; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    heavy = {"jinja2", "markdown_it", "nh3", "babel", "lxml", "zipfile", "http.server", "asyncio"}
    heavy |= {"multiprocessing", "courseware.parser.reader", "scorm_builder.build"}
    assert heavy & set(loaded.stdout.split()) == set()
