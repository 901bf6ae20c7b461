"""What the explainer draws with: a few colours, easings and figures, on a picture of 1280 by 720.

Nothing here knows the story. A `Pen` wraps a Skia canvas; every figure takes the pen first, then
where it stands (the middle of its foot), then how far it has come into being, from 0 to 1.
"""

import math
from collections.abc import Sequence

import skia

WIDTH, HEIGHT = 1280, 720
GROUND = 540  # where land stands; below it there is room for captions

PAPER, CARD, INK, SOFT, LINE = "#fbfaf6", "#ffffff", "#1d2522", "#5a6661", "#e2e0d8"
TEAL, TEAL_DEEP, TEAL_MID, TEAL_PALE, WASH = "#0d6b5f", "#0a4f47", "#5aa597", "#bfdbd4", "#e8f2ef"
WARM, WARM_DEEP, WARM_MID, WARM_PALE = "#b4532a", "#8c3f1f", "#d98a63", "#f3dccf"
GOLD, GOLD_PALE = "#d99a3a", "#f7e7c8"

Point = tuple[float, float]
GREEN = (TEAL, TEAL_DEEP, TEAL_MID, TEAL_PALE)
BRICK = (WARM, WARM_DEEP, WARM_MID, WARM_PALE)
SLATE = ("#5f6f76", "#46545a", "#8fa0a6", "#d5dde0")
OCHRE = ("#c08a33", "#966820", "#dcb26a", "#f5e6c9")


def between(t: float, start: float, end: float) -> float:
    """How far ``t`` has come from ``start`` to ``end``, from 0 to 1."""
    return min(1.0, max(0.0, (t - start) / (end - start)))


def ease(x: float) -> float:
    """Start and stop gently."""
    return x * x * (3 - 2 * x)


def spring(x: float) -> float:
    """Arrive with a small step too far and back."""
    return 1 + 2.2 * (x - 1) ** 3 + 1.2 * (x - 1) ** 2 if x > 0 else 0.0


def mix(a: float, b: float, x: float) -> float:
    """The number that lies ``x`` of the way from ``a`` to ``b``."""
    return a + (b - a) * x


def blend(a: str, b: str, x: float) -> str:
    """The colour that lies ``x`` of the way from ``a`` to ``b``."""
    parts = ((int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(mix(p, q, x)):02x}" for p, q in parts)


def arc(start: Point, end: Point, lift: float, count: int = 60) -> list[Point]:
    """Points of a bow from ``start`` to ``end`` whose middle is lifted by about ``lift``."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 2 * lift)
    points = []
    for i in range(count + 1):
        u = i / count
        a, b, c = (1 - u) ** 2, 2 * u * (1 - u), u * u
        points.append(
            tuple(a * p + b * q + c * r for p, q, r in zip(start, middle, end, strict=True))
        )
    return points


def along(points: Sequence[Point], u: float) -> tuple[float, float, float]:
    """The place ``u`` of the way along ``points``, and the heading there, in degrees."""
    at = min(len(points) - 1.001, max(0.0, u * (len(points) - 1)))
    (x, y), (next_x, next_y) = points[int(at)], points[int(at) + 1]
    angle = math.degrees(math.atan2(next_y - y, next_x - x))
    return mix(x, next_x, at % 1), mix(y, next_y, at % 1), angle


class Pen:
    """A Skia canvas with the words of this film."""

    def __init__(self, canvas: skia.Canvas) -> None:
        self.canvas = canvas

    def paint(self, color: str, alpha: float = 1.0, stroke: float = 0.0) -> skia.Paint:
        """Return a smooth paint: filled, or a round line if ``stroke`` is its breadth."""
        rgb = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        shade = skia.Color(*rgb, round(255 * min(1.0, max(0.0, alpha))))
        if not stroke:
            return skia.Paint(AntiAlias=True, Color=shade)
        return skia.Paint(
            AntiAlias=True, Color=shade, Style=skia.Paint.kStroke_Style, StrokeWidth=stroke,
            StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join,
        )  # fmt: skip

    def rect(self, x: float, y: float, wide: float, high: float, color: str, alpha: float = 1.0):
        """Fill a rectangle."""
        self.canvas.drawRect(skia.Rect.MakeXYWH(x, y, wide, high), self.paint(color, alpha))

    def disc(self, x: float, y: float, r: float, color: str, alpha: float = 1.0, ring: float = 0):
        """Fill a circle, or draw it as a line ``ring`` broad."""
        if r > 0:
            self.canvas.drawCircle(x, y, r, self.paint(color, alpha, ring))

    def shape(self, points: Sequence[Point], color: str, alpha: float = 1.0) -> None:
        """Fill a polygon."""
        path = skia.Path.Polygon([skia.Point(*p) for p in points], True)
        self.canvas.drawPath(path, self.paint(color, alpha))

    def line(self, points: Sequence[Point], color: str, broad: float = 3, alpha: float = 1.0,
             upto: float = 1.0, dashes: Sequence[float] = ()) -> None:  # fmt: skip
        """Draw a line through ``points``, as far as ``upto`` (0 to 1) of it."""
        if upto <= 0:
            return
        keep = max(2, math.ceil(upto * (len(points) - 1)) + 1)
        shown = [*points[: keep - 1], along(points, upto)[:2]]
        paint = self.paint(color, alpha, broad)
        if dashes:
            paint.setPathEffect(skia.DashPathEffect.Make(list(dashes), 0))
        self.canvas.drawPath(skia.Path.Polygon([skia.Point(*p) for p in shown], False), paint)

    def ellipse(self, x: float, y: float, wide: float, high: float, color: str, alpha: float = 1):
        """Fill an ellipse around a middle, ``wide`` and ``high`` from the middle out."""
        box = skia.Rect.MakeLTRB(x - wide, y - high, x + wide, y + high)
        self.canvas.drawOval(box, self.paint(color, alpha))

    def moved(self, x: float, y: float, scale: float = 1.0, turn: float = 0.0) -> "_Moved":
        """Draw, within a ``with``, as if ``(x, y)`` were the origin."""
        return _Moved(self.canvas, x, y, scale, turn)

    def clipped(self, x: float, y: float, wide: float, high: float) -> "_Moved":
        """Draw, within a ``with``, only inside a rectangle."""
        return _Moved(self.canvas, 0, 0, 1, 0, skia.Rect.MakeXYWH(x, y, wide, high))


class _Moved:
    def __init__(self, canvas, x, y, scale, turn, clip=None) -> None:
        self.canvas, self.place, self.clip = canvas, (x, y, scale, turn), clip

    def __enter__(self) -> None:
        x, y, scale, turn = self.place
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(turn)
        self.canvas.scale(scale, scale)
        if self.clip:
            self.canvas.clipRect(self.clip)

    def __exit__(self, *_: object) -> None:
        self.canvas.restore()


# ---------------------------------------------------------------------------------- the figures


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
