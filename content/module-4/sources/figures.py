"""The figures of the explainer: cities, stalls, people, trees, a globe. None knows the story.

Every figure takes the pen first, then where it stands (the middle of its foot), then its size or
scale; ``grow`` tells how far it has come into being, from 0 to 1.
"""

import math
from collections.abc import Sequence

import skia
from shapes import (
    CARD,
    GOLD,
    GROUND,
    HEIGHT,
    INK,
    LINE,
    PAPER,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    TEAL_PALE,
    WARM,
    WARM_DEEP,
    WARM_MID,
    WASH,
    WIDTH,
    Pen,
    between,
    ease,
    mix,
    spring,
)


def band(pen: Pen, y: float, high: float, upto: float = 1.0, start: float = 0.0) -> None:
    """Draw the woven band across the picture: two rows of triangles that look at each other."""
    with pen.clipped(start, y, (WIDTH - start) * upto, high):
        for i in range(math.ceil(WIDTH / high) + 1):
            x = i * high
            pen.shape([(x, y), (x + high, y), (x + high / 2, y + high / 2)], TEAL)
            pen.shape([(x, y + high), (x + high, y + high), (x + high / 2, y + high / 2)], WARM)


def bit(pen: Pen, x: float, y: float, turn: float, color: str, size: float, alpha: float = 1):
    """A triangle that travels, its point ahead."""
    with pen.moved(x, y, size, turn):
        pen.shape([(-0.6, -0.7), (0.8, 0), (-0.6, 0.7)], color, alpha)


def tree(pen: Pen, x: float, y: float, size: float, color: str, kind: str = "round") -> None:
    """A tree: round, or pointed as on a mountain."""
    pen.rect(x - size * 0.05, y - size * 0.5, size * 0.1, size * 0.5, INK, 0.55)
    if kind == "round":
        pen.disc(x, y - size * 0.68, size * 0.34, color)
        return
    for level in (0.0, 0.26, 0.5):
        half, low = size * (0.32 - level * 0.22), y - size * (0.25 + level)
        pen.shape([(x - half, low), (x + half, low), (x, low - size * 0.42)], color)


def house(pen: Pen, x: float, y: float, wide: float, high: float, colors: Sequence[str],
          roof: str, grow: float) -> None:  # fmt: skip
    """A building of a city, with its windows; ``roof`` is flat, gable, dome or shed."""
    if grow <= 0:
        return
    wall, deep, mid, pale = colors
    high *= spring(grow)
    left, top = x - wide / 2, y - high
    pen.rect(left, top, wide, high, wall)
    pen.rect(left + wide * 0.72, top, wide * 0.28, high, deep)
    if roof == "gable":
        pen.shape([(left - 4, top), (x, top - wide * 0.42), (left + wide + 4, top)], mid)
    elif roof == "dome":
        with pen.clipped(left, top - wide, wide, wide):
            pen.disc(x, top, wide * 0.42, mid)
        pen.rect(x - 1.5, top - wide * 0.42 - 12, 3, 14, mid)
    elif roof == "shed":
        pen.shape([(left, top + 0.5), (left, top - wide * 0.3), (left + wide, top + 0.5)], mid)
    else:
        pen.rect(left - 3, top - 6, wide + 6, 7, mid)
    columns, rows = max(1, int(wide // 22)), int((high - 18) // 26)
    if grow < 0.9:
        rows = int(rows * grow)
    gap = wide * 0.72 / columns
    for row in range(rows):
        for column in range(columns):
            lit = (row * 7 + column * 5 + int(wide)) % 3
            pen.rect(left + gap * (column + 0.5) - 4.5, top + 14 + row * 26, 9, 12, pale,
                     0.95 if lit else 0.45)  # fmt: skip


CITIES = {
    "towers": (
        (-118, 54, 96, "flat"), (-66, 60, 168, "flat"), (-8, 52, 122, "shed"),
        (44, 58, 214, "flat"), (98, 50, 138, "gable"), (146, 56, 84, "flat"),
    ),
    "domes": (
        (-140, 58, 82, "gable"), (-84, 54, 132, "dome"), (-24, 66, 186, "dome"),
        (40, 56, 112, "gable"), (92, 48, 158, "flat"), (142, 54, 98, "dome"),
    ),
    "sheds": (
        (-96, 60, 104, "shed"), (-36, 56, 150, "gable"),
        (22, 62, 118, "shed"), (82, 58, 176, "flat"),
    ),
    "village": ((-52, 58, 78, "gable"), (6, 62, 118, "gable"), (64, 56, 88, "dome")),
}  # fmt: skip


def city(pen: Pen, x: float, y: float, scale: float, colors: Sequence[str], kind: str,
         grow: float = 1.0) -> None:  # fmt: skip
    """A city of the given kind, risen building by building."""
    houses = CITIES[kind]
    with pen.moved(x, y, scale):
        for i, (at, wide, high, roof) in enumerate(houses):
            start = 0.55 * i / len(houses)
            house(pen, at, 0, wide, high, colors, roof, between(grow, start, start + 0.45))


def person(pen: Pen, x: float, y: float, size: float, color: str, step: float = 0.0) -> None:
    """A simple figure, ``size`` high; ``step`` is where it is in its stride."""
    y -= abs(math.sin(step)) * size * 0.05
    swing = math.sin(step) * size * 0.13
    for side in (-1, 1):
        foot = (x + side * swing, y)
        pen.line([(x, y - size * 0.36), foot], color, size * 0.11)
    body = skia.RRect.MakeRectXY(
        skia.Rect.MakeXYWH(x - size * 0.15, y - size * 0.72, size * 0.3, size * 0.42),
        size * 0.14, size * 0.14,
    )  # fmt: skip
    pen.canvas.drawRRect(body, pen.paint(color))
    pen.disc(x, y - size * 0.87, size * 0.13, color)


def stall(pen: Pen, x: float, y: float, size: float, colors: Sequence[str], pitched: float,
          fruit: float = 1.0) -> None:  # fmt: skip
    """A market stall; its roof goes from an awning (0) to a pitched one (1)."""
    wall, deep, _, pale = colors
    half, top = size * 0.5, y - size * 0.62
    for side in (-1, 1):
        pen.rect(x + side * half * 0.86 - size * 0.022, top, size * 0.044, y - top, deep)
    pen.rect(x - half * 0.92, y - size * 0.28, size * 0.92, size * 0.28, wall)
    pen.rect(x - half, y - size * 0.31, size, size * 0.05, deep)
    for i in range(7):
        r = size * 0.048 * spring(between(fruit, i * 0.08, i * 0.08 + 0.5))
        color = (GOLD, WARM_MID, TEAL_MID)[i % 3]
        pen.disc(x + (i - 3) * size * 0.125, y - size * 0.355, r, color)
    ridge, stripes = top - size * mix(0.2, 0.4, pitched), 8
    reach, head = half * 1.12, half * mix(0.94, 0.02, pitched)
    for i in range(stripes):
        u, v = i / stripes * 2 - 1, (i + 1) / stripes * 2 - 1
        color = pale if i % 2 else wall
        low, high = top + size * 0.06, ridge
        pen.shape([(x + u * head, high), (x + v * head, high), (x + v * reach, low),
                   (x + u * reach, low)], color)  # fmt: skip
        if pitched < 0.98:
            with pen.clipped(0, low - 1, WIDTH, size):
                pen.disc(x + (u + v) / 2 * reach, low, reach / stripes * (1 - pitched), color)


def bubble(pen: Pen, x: float, y: float, grow: float) -> None:
    """A round speech bubble whose tail points down."""
    with pen.moved(x, y, spring(grow)):
        pen.shape([(-14, 40), (14, 40), (0, 74)], CARD)
        pen.disc(0, 0, 52, CARD)
        pen.disc(0, 0, 52, LINE, 1, 2.5)
        pen.shape([(-13, 46), (13, 46), (0, 71)], CARD)
        pen.line([(-14.5, 50), (0, 74), (14.5, 50)], LINE, 2.5)


def question(pen: Pen, x: float, y: float, color: str, alpha: float = 1.0) -> None:
    """A question mark, 60 high."""
    hook = [(x + 15 * math.cos(a), y - 13 + 15 * math.sin(a))
            for a in (math.radians(d) for d in range(-175, 60, 5))]  # fmt: skip
    pen.line([*hook, (x, y + 6), (x, y + 13)], color, 7.5, alpha)
    pen.disc(x, y + 27, 4.6, color, alpha)


def light(pen: Pen, x: float, y: float, grow: float, turn: float = 0.0) -> None:
    """A small sun: an answer."""
    pen.disc(x, y, 15 * spring(grow), GOLD)
    for i in range(8):
        a = math.radians(i * 45 + turn)
        near, far = 22, 22 + 9 * grow
        if grow > 0.1:
            pen.line([(x + near * math.cos(a), y + near * math.sin(a)),
                      (x + far * math.cos(a), y + far * math.sin(a))], GOLD, 4.5, grow)  # fmt: skip


def pair(pen: Pen, x: float, y: float, size: float, green: float, brick: float) -> None:
    """Two triangles that make a square, each coming from its own side."""
    a, b = (1 - ease(green)) * 16, (1 - ease(brick)) * 16
    left, right, up, low, gap = x - size, x + size, y - size, y + size, 4
    pen.shape([(left - a, up), (right - a - gap, up), (left - a, low - gap)], TEAL, green)
    pen.shape([(right + b, low), (left + b + gap, low), (right + b, up + gap)], WARM, brick)


def gear(pen: Pen, x: float, y: float, r: float, turn: float, color: str, hole: str) -> None:
    """A toothed wheel."""
    with pen.moved(x, y, 1, turn):
        for i in range(8):
            with pen.moved(0, 0, 1, i * 45):
                pen.shape([(-r * 0.2, -r * 0.8), (r * 0.2, -r * 0.8), (r * 0.13, -r * 1.22),
                           (-r * 0.13, -r * 1.22)], color)  # fmt: skip
        pen.disc(0, 0, r, color)
        pen.disc(0, 0, r * 0.42, hole)


def sea(pen: Pen, t: float, top: float = GROUND) -> None:
    """Water from ``top`` down, with a few slow waves."""
    pen.rect(0, top, WIDTH, HEIGHT - top, WASH)
    for row in range(4):
        y = top + 30 + row * 42
        for i in range(-1, 7):
            x = i * 240 + (row % 2) * 120 + ((t * (10 + row * 3)) % 240)
            wave = [(x + s, y + 4 * math.sin(s / 80 * math.pi * 2)) for s in range(0, 81, 5)]
            pen.line(wave, TEAL_PALE, 3, 0.8)


def shore(pen: Pen, x: float, wide: float, color: str, alpha: float = 1.0) -> None:
    """A low island on the water, for a city to stand on."""
    with pen.clipped(0, 0, WIDTH, GROUND + 16):
        pen.ellipse(x, GROUND + 16, wide, 42, color, alpha)


def ghost(pen: Pen, x: float, y: float, size: float, alpha: float) -> None:
    """The dotted outline of a stall: its idea, on the way."""
    half = size / 2
    roof = [(x - half * 0.94, y - half), (x + half * 0.94, y - half), (x + half * 1.12, y - 12),
            (x - half * 1.12, y - 12), (x - half * 0.94, y - half)]  # fmt: skip
    pen.line(roof, TEAL, 3.5, alpha, 1, (4, 8))
    left, right, table = x - half * 0.86, x + half * 0.86, y + half * 0.4
    for line in (
        [(left, y - 12), (left, y + half)],
        [(right, y - 12), (right, y + half)],
        [(left, table), (right, table)],
    ):
        pen.line(line, TEAL, 3.5, alpha, 1, (4, 8))


def roots(pen: Pen, x: float, y: float, grow: float) -> None:
    """Roots that grow down from a place."""
    for i, (reach, deep) in enumerate(((-92, 38), (-48, 58), (-6, 70), (40, 60), (90, 40))):
        foot = x + reach * 0.8
        root = [
            (foot + reach * 0.45 * u + 5 * math.sin(u * 7 + i), y + deep * u)
            for u in (k / 20 for k in range(21))
        ]
        pen.line(root, WARM_DEEP, 4.5, 0.85, grow)
        side = [(root[11][0] + s * (14 if reach > 0 else -14), root[11][1] + s * 14)
                for s in (0, 0.5, 1)]  # fmt: skip
        pen.line(side, WARM_DEEP, 3.5, 0.85, between(grow, 0.6, 1.0))


def globe(pen: Pen, x: float, y: float, r: float) -> None:
    """A globe with its lines; the broad one is the equator."""
    pen.disc(x, y, r, WASH)
    for k in (-0.66, -0.33, 0, 0.33, 0.66):
        half = r * math.sqrt(1 - k * k)
        steps = (i / 20 for i in range(-20, 21))
        bow = [(x + half * s, y + r * k + 16 * (1 - s * s)) for s in steps]
        pen.line(bow, TEAL_PALE, 4.5 if k == 0 else 2, 0.9)
    for k in (-0.9, -0.5, 0, 0.5, 0.9):
        bow = [(x + r * k * math.cos(a), y + r * math.sin(a))
               for a in (math.pi * (i / 40 - 0.5) for i in range(41))]  # fmt: skip
        pen.line(bow, TEAL_PALE, 2, 0.9)
    pen.disc(x, y, r, TEAL_PALE, 1, 3)


def workshop(pen: Pen, x: float, y: float, grow: float, t: float) -> None:
    """A workshop with a sawtooth roof, and gears that turn with the seconds."""
    if grow <= 0:
        return
    high = 150 * spring(grow)
    pen.rect(x - 165, y - high, 330, high, TEAL)
    for i in range(3):
        left, top = x - 165 + i * 110, y - high
        pen.shape([(left, top + 1), (left, top - 62), (left + 110, top + 1)], TEAL_DEEP)
        glass = left + 12
        pen.shape([(glass, top - 4), (glass, top - 38), (glass + 58, top - 4)], TEAL_PALE, 0.8)
    with pen.clipped(x - 165, y - high, 330, high):
        pen.rect(x - 130, y - 112, 150, 112, PAPER)
        gear(pen, x - 72, y - 62, 30, t * 40, WARM, PAPER)
        gear(pen, x - 18, y - 34, 17, -t * 70 + 20, WARM_MID, PAPER)
        for i in range(2):
            pen.rect(x + 52 + i * 54, y - 108, 36, 44, TEAL_PALE)
        pen.rect(x + 66, y - 46, 62, 46, TEAL_DEEP)
