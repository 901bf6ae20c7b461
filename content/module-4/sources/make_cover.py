"""Makes ``media/cover.svg``: two stepped triangles of strips that weave into each other.

Needs nothing but Python. Run ``python make_cover.py``.

Level green strips make a triangle that comes from the left, upright brick strips one that comes
from the right. On the cells where the two meet, they take turns at being on top.
"""

from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "media" / "cover.svg"
WIDTH, HEIGHT = 1200, 675
PAPER, GREEN, BRICK = "#fbfaf6", "#0d6b5f", "#b4532a"
CELL, STRIP = 42, 34  # from one strip to the next, and how broad a strip is
EDGE, ROWS = 13, 7  # the grid goes from -EDGE to EDGE across and from -ROWS to ROWS down
REACH = 7  # how far beyond the middle the points of the triangles go


def tip(row: int) -> int:
    """The last column of a green strip."""
    return REACH - 2 * abs(row)


def half(column: int) -> int:
    """How many rows a brick strip goes up, and down, from the middle."""
    return min(ROWS, (REACH + column) // 2)


def strip(left: int, top: int, right: int, bottom: int) -> str:
    """A strip over whole cells, from the first to the last, both counted."""
    x, y = left * CELL - STRIP // 2, top * CELL - STRIP // 2
    wide, high = (right - left) * CELL + STRIP, (bottom - top) * CELL + STRIP
    return f"M{x} {y}h{wide}v{high}h-{wide}z"


def crossing(row: int, column: int) -> tuple[str, str]:
    """A cell where brick is on top: the light that parts it from the green, and the brick."""
    light = (
        f"M{column * CELL - CELL // 2} {row * CELL - STRIP // 2 - 1}h{CELL}v{STRIP + 2}h-{CELL}z"
    )
    above, below = (
        0 if half(column) < abs(row + side) else CELL - STRIP if tip(row + side) < column else 4
        for side in (-1, 1)
    )
    y, high = row * CELL - STRIP // 2 - above, above + STRIP + below
    return light, f"M{column * CELL - STRIP // 2} {y}h{STRIP}v{high}h-{STRIP}z"


def main() -> None:
    """Draw brick, then green with a little light around it, then brick where it is on top."""
    level = "".join(strip(-EDGE, row, tip(row), row) for row in range(-ROWS, ROWS + 1))
    upright = "".join(
        strip(column, -half(column), column, half(column)) for column in range(-REACH, EDGE + 1)
    )
    light, brick = zip(
        *(
            crossing(row, column)
            for row in range(-ROWS, ROWS + 1)
            for column in range(-tip(row), tip(row) + 1)
            if (row + column) % 2 == 0
        ),
        strict=True,
    )
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path fill="{PAPER}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<g transform="translate({WIDTH / 2:g} {HEIGHT / 2:g})">'
        f'<path fill="{BRICK}" d="{upright}"/>'
        f'<path fill="{GREEN}" stroke="{PAPER}" stroke-width="8"'
        f' style="paint-order:stroke" d="{level}"/>'
        f'<path fill="{PAPER}" d="{"".join(light)}"/>'
        f'<path fill="{BRICK}" d="{"".join(brick)}"/></g></svg>\n',
        encoding="utf-8",
    )
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
