"""The scripts beside this file, for pages to run."""

from pathlib import Path


def support(name: str) -> str:
    """Return the text of a file of ``tests/support``."""
    return (Path(__file__).parent / name).read_text("utf-8")
