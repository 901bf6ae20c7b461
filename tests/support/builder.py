"""Run ``scorm-builder`` in a process of its own, as users do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in ``cwd``, with its cache folder there."""
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
