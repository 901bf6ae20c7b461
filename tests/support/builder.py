"""``scorm-builder`` as people run it: a process of its own, judged by its words and files."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in ``cwd``, with a cache of its own there."""
    base = {
        "PYTHONPATH": str(ROOT),
        "PATH": "",
        "LC_ALL": "C.UTF-8",
        "XDG_CACHE_HOME": str(cwd / ".cache"),
    }
    return subprocess.run(
        [sys.executable, "-m", "scorm_builder.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=base | environment,
        timeout=60,
    )
