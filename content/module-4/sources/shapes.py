"""What the explainer draws with: colours, easings and a pen, on a picture of 1280 by 720."""

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
