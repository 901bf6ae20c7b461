"""Makes ``media/checklist-<language>.pdf`` from ``checklist.toml``.

Needs Chromium (the command ``chromium``, or the one named in ``CHROMIUM``), which writes a tagged
PDF that screen readers can follow. Run ``python make_checklists.py``. The same text, browser and
fonts give the same bytes.
"""

import os
import re
import subprocess
import tempfile
import tomllib
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MEDIA = HERE.parent / "media"
STYLE = """
@page { size: A4; margin: 18mm 22mm 14mm }
body { margin: 0; color: #1d2522; font: 10.5pt/1.45 "Liberation Sans", Arial, sans-serif }
svg { display: block; width: 100%; height: 4mm }
h1 { font: 600 20pt/1.2 "DejaVu Serif", Charter, Georgia, serif; margin: 7mm 0 3mm }
h2 { font: 600 12pt/1.3 "DejaVu Serif", Charter, Georgia, serif; margin: 6mm 0 2mm; color: #0d6b5f }
ul { margin: 0; padding: 0; list-style: none }
li { position: relative; padding: 0 0 1.6mm 8mm }
li::before { content: ""; position: absolute; left: 0; top: .7mm; width: 3.4mm; height: 3.4mm;
             border: .35mm solid #5a6661; border-radius: .6mm }
p { margin: 8mm 0 0; padding-top: 2mm; border-top: .25mm solid #e2e0d8; color: #5a6661;
    font-size: 8.5pt }
"""


def weave() -> str:
    """The woven band: two rows of triangles that look at each other, as an SVG."""
    teeth = "".join(
        f'<path fill="#0d6b5f" d="M{x} 0h20l-10 10z"/><path fill="#b4532a" d="M{x} 20h20l-10-10z"/>'
        for x in range(0, 800, 20)
    )
    return f'<svg viewBox="0 0 800 20" preserveAspectRatio="none" aria-hidden="true">{teeth}</svg>'


def page(language: str, text: dict[str, Any]) -> str:
    """One checklist as a page of HTML."""
    parts = "".join(
        f"<h2>{escape(part['title'])}</h2><ul>"
        + "".join(f"<li>{escape(point)}</li>" for point in part["points"])
        + "</ul>"
        for part in text["parts"]
    )
    title = escape(text["title"])
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style>{weave()}<h1>{title}</h1>{parts}<p>{escape(text['licence'])}</p>"
    )


def without_dates(pdf: bytes) -> bytes:
    """The same PDF with a fixed date of the same length, so that its offsets stay true."""
    return re.sub(rb"\(D:\d{14}", b"(D:20260101000000", pdf)


def main() -> None:
    """Print each language's page."""
    texts = tomllib.loads((HERE / "checklist.toml").read_text(encoding="utf-8"))
    for language, text in texts.items():
        target = MEDIA / f"checklist-{language}.pdf"
        with tempfile.TemporaryDirectory() as folder:
            source, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
            source.write_text(page(language, text), encoding="utf-8")
            command = [
                os.environ.get("CHROMIUM", "chromium"),
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--no-pdf-header-footer", f"--user-data-dir={folder}/profile",
                f"--print-to-pdf={printed}", source.as_uri(),
            ]  # fmt: skip
            subprocess.run(command, check=True, capture_output=True)
            target.write_bytes(without_dates(printed.read_bytes()))
        print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
