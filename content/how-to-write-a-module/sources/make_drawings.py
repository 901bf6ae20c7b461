"""Makes the drawings: ``cover.svg``, ``one-folder.svg``, ``two-triangles.svg``, ``elsewhere.svg``.

Needs nothing but Python. Run ``python make_drawings.py``.
"""

from pathlib import Path

MEDIA = Path(__file__).resolve().parent.parent / "media"
PAPER, CARD, LINE, INK = "#fbfaf6", "#ffffff", "#d5d3ca", "#5a6661"
TEAL, TEAL_DEEP, WARM, WARM_DEEP, WARM_PALE = "#0d6b5f", "#0a4f47", "#b4532a", "#8c3f1f", "#f3dccf"
OCHRE = "#c08a33"


def picture(wide: int, high: int, *parts: str) -> str:
    """Put the parts on paper."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}">'
        f'<path fill="{PAPER}" d="M0 0h{wide}v{high}H0z"/>{"".join(parts)}</svg>\n'
    )


def placed(x: float, y: float, scale: float, *parts: str) -> str:
    """Move parts whose own origin is their middle."""
    return f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{"".join(parts)}</g>'


def fill(color: str, path: str) -> str:
    """Fill a path."""
    return f'<path fill="{color}" d="{path}"/>'


def band(x: float, y: float, count: int, size: int) -> str:
    """Two rows of triangles that look at each other, on a strip of paper."""
    half = size // 2
    green = "".join(f"M{x + i * size:g} {y:g}h{size}l-{half} {half}z" for i in range(count))
    brick = "".join(f"M{x + i * size:g} {y + size:g}h{size}l-{half}-{half}z" for i in range(count))
    strip = f"M{x:g} {y - 5:g}h{count * size}v{size + 10}h-{count * size}z"
    return fill(PAPER, strip) + fill(TEAL, green) + fill(WARM, brick)


def sheet(x: int, y: int, *content: str) -> str:
    """A sheet of paper around its middle."""
    edge = f'<rect x="-58" y="-76" width="116" height="152" rx="4" fill="{CARD}"'
    return placed(x, y, 1, f'{edge} stroke="{LINE}" stroke-width="2"/>', *content)


def folder() -> str:
    """The folder with its three sheets, around its middle."""
    lines = "".join(
        f"M-40 {-34 + i * 15}h{80 - (i % 3) * 12}v5h-{80 - (i % 3) * 12}z" for i in range(6)
    )
    question = (
        f'<path fill="none" stroke="{OCHRE}" stroke-width="7.5" stroke-linecap="round"'
        ' d="M-15-44a15 15 0 1 1 23 13q-8 5-8 14v5"/>'
        f'<circle cy="2" r="4.6" fill="{OCHRE}"/>'
    )
    return (
        fill(TEAL_DEEP, "M-170-128h110l20 24h210v224h-340z")
        + sheet(-98, -92, fill(TEAL, "M-40-56h52v9h-52z"), fill(LINE, lines))
        + sheet(0, -80, fill(WARM_PALE, "M-42-56h84v58h-84z"), fill(WARM, "M-11-43v32l28-16z"))
        + sheet(98, -92, question)
        + fill(TEAL, "M-182-62h364l-12 184h-340z")
        + band(-176, -20, 11, 32)
    )


def arrow(path: str, head: str) -> str:
    """An arrow of one line and a head."""
    return (
        f'<path fill="none" stroke="{INK}" stroke-width="5" stroke-linecap="round"'
        f' stroke-linejoin="round" d="{path}{head}"/>'
    )


def page() -> str:
    """The live page, around its middle."""
    return (
        f'<rect x="-150" y="-106" width="300" height="212" rx="6" fill="{CARD}"'
        f' stroke="{LINE}" stroke-width="2"/>'
        + band(-150, -100, 25, 12)
        + fill(TEAL, "M-126-68h150v11h-150z")
        + fill(LINE, "M-126-44h140v5h-140zM-126-31h122v5h-122zM-126-18h104v5h-104z")
        + fill(WARM_PALE, "M36-68h92v64h-92z")
        + fill(WARM, "M72-51v30l26-15z")
        + f'<rect x="-124" y="16" width="136" height="46" rx="12" fill="{TEAL}"/>'
        + fill(TEAL, "M-108 58v20l24-20z")
        + fill(PAPER, "M-106 32h88v5h-88zM-106 44h58v5h-58z")
    )


def parcel() -> str:
    """The closed box, around its middle."""
    return (
        f'<rect x="-90" y="-58" width="180" height="116" rx="3" fill="{WARM}"/>'
        + fill(WARM_DEEP, "M-90-58h180v18h-180z")
        + band(-90, -10, 9, 20)
    )


def main() -> None:
    """Write the four drawings."""
    drawings = {
        "cover": picture(1200, 675, placed(600, 372, 1.75, folder())),
        "one-folder": picture(
            960, 400,
            placed(230, 222, 0.95, folder()),
            arrow("M440 178L540 132", "m-21-4l21 4-13 18"),
            arrow("M440 262L580 306", "m-15-16l15 16-21 8"),
            placed(750, 122, 0.9, page()),
            placed(750, 318, 0.9, parcel()),
        ),
        "two-triangles": picture(
            800, 300, fill(TEAL, "M120 30v240l280-120z"), fill(WARM, "M680 30v240l-280-120z")
        ),
        "elsewhere": picture(
            960, 540,
            band(0, 0, 40, 24),
            fill(WARM_PALE, "M480 130a150 150 0 1 1-.1 0z"),
            fill(WARM, "M440 210v140l112-70z"),
            arrow("M600 190L700 120", "m-34 1l34-1-10 33"),
        ),
    }  # fmt: skip
    MEDIA.mkdir(exist_ok=True)
    for name, drawing in drawings.items():
        (MEDIA / f"{name}.svg").write_text(drawing, encoding="utf-8")
        print(f"{name}.svg: {len(drawing.encode())} bytes")


if __name__ == "__main__":
    main()
