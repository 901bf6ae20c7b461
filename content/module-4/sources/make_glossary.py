"""Makes ``media/glossary.pdf``: the glossary in four languages, side by side.

Needs Chromium (the command ``chromium``, or the one named in ``CHROMIUM``), which writes a tagged
PDF that screen readers can follow. Run ``python make_glossary.py``; the text is in
``glossary.toml``. The same text, browser and fonts give the same bytes.
"""

import os
import re
import subprocess
import tempfile
import tomllib
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "media" / "glossary.pdf"
NAMES = {"es": "Español", "en": "English", "fr": "Français", "pt": "Português"}
TITLES = {"es": "Glosario", "en": "Glossary", "fr": "Glossaire", "pt": "Glossário"}
FOOTERS = {
    "es": "Definiciones breves escritas para este módulo; no son textos oficiales.",
    "en": "Short definitions written for this module; they are not official texts.",
    "fr": "Définitions brèves rédigées pour ce module\u202f; ce ne sont pas des textes officiels.",
    "pt": "Definições breves escritas para este módulo; não são textos oficiais.",
}
STYLE = """
@page { size: A4 landscape; margin: 11mm 13mm 9mm }
* { box-sizing: border-box }
body { margin: 0; color: #1d2522; font: 9.2pt/1.36 "Liberation Sans", Arial, sans-serif }
svg { display: block; width: 100%; height: 3.4mm }
h1 { font: 600 17pt/1.2 "DejaVu Serif", Charter, Georgia, serif; margin: 4mm 0 3mm }
h1 span + span::before { content: " · "; color: #b4532a }
table { width: 100%; border-collapse: collapse; table-layout: fixed }
thead { display: table-header-group }
th { text-align: start; color: #5a6661; font-weight: 400; padding: 0 6mm 1.4mm 0 }
td { vertical-align: top; padding: 1.8mm 6mm 2mm 0; border-top: .25mm solid #e2e0d8 }
tr { break-inside: avoid }
strong { display: block; color: #0d6b5f; font: 600 9.2pt/1.3 "DejaVu Serif", Charter, serif;
         margin-bottom: .7mm }
footer { margin-top: 3mm; padding-top: 2mm; border-top: .25mm solid #e2e0d8; color: #5a6661;
         font-size: 8pt; columns: 4; column-gap: 5mm }
footer p { margin: 0; break-inside: avoid }
.licence { margin: 2mm 0 0; color: #5a6661; font-size: 8pt }
"""


def weave() -> str:
    """The woven band: two rows of triangles that look at each other, as an SVG."""
    teeth = "".join(
        f'<path fill="#0d6b5f" d="M{x} 0h20l-10 10z"/>'
        f'<path fill="#b4532a" d="M{x} 12h20l-10-9.5z"/>'
        for x in range(0, 1000, 20)
    )
    return f'<svg viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">{teeth}</svg>'


def page(terms: list[dict[str, list[str]]]) -> str:
    """The whole glossary as one page of HTML."""
    heads = "".join(f'<th scope="col" lang="{tag}">{name}</th>' for tag, name in NAMES.items())
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td lang="{tag}"><strong>{escape(term[tag][0])}</strong>{escape(term[tag][1])}</td>'
            for tag in NAMES
        )
        + "</tr>"
        for term in terms
    )
    title = "".join(f'<span lang="{tag}">{word}</span>' for tag, word in TITLES.items())
    footer = "".join(f'<p lang="{tag}">{text}</p>' for tag, text in FOOTERS.items())
    return (
        '<!doctype html><html lang="es"><meta charset="utf-8">'
        f"<title>{' · '.join(TITLES.values())}</title><style>{STYLE}</style>"
        f"{weave()}<h1>{title}</h1><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table><footer>{footer}</footer>"
        '<p class="licence">Minga · CC BY 4.0 · creativecommons.org/licenses/by/4.0</p>'
    )


def without_dates(pdf: bytes) -> bytes:
    """The same PDF with a fixed date of the same length, so that its offsets stay true."""
    return re.sub(rb"\(D:\d{14}", b"(D:20260101000000", pdf)


def main() -> None:
    """Write the page, print it, and put the PDF in its place."""
    terms = tomllib.loads((HERE / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    with tempfile.TemporaryDirectory() as folder:
        source, printed = Path(folder, "glossary.html"), Path(folder, "glossary.pdf")
        source.write_text(page(terms), encoding="utf-8")
        command = [
            os.environ.get("CHROMIUM", "chromium"),
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-pdf-header-footer", f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={printed}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_bytes(without_dates(printed.read_bytes()))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
