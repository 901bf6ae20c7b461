"""The drawings of the explainer: one function for each scene of ``explainer.toml``, by its name.

A scene is given a `Pen`, the seconds since it began and the seconds that it lasts.
"""

import math
from collections.abc import Callable

import make_cover as cover
from figures import (
    band,
    bit,
    bubble,
    city,
    ghost,
    globe,
    house,
    light,
    pair,
    person,
    question,
    roots,
    sea,
    shore,
    stall,
    tree,
    workshop,
)
from shapes import (
    BRICK,
    CARD,
    GOLD_PALE,
    GREEN,
    GROUND,
    HEIGHT,
    INK,
    LINE,
    OCHRE,
    PAPER,
    SLATE,
    SOFT,
    TEAL,
    TEAL_MID,
    TEAL_PALE,
    WARM,
    WARM_DEEP,
    WARM_MID,
    WARM_PALE,
    WASH,
    WIDTH,
    Pen,
    along,
    arc,
    between,
    blend,
    ease,
    mix,
    spring,
)

Scene = Callable[[Pen, float, float], None]

LEFT, RIGHT = 250, 1030  # where the two cities of the story stand
ABOVE = 178  # how high their bubbles are
BAND = 24
SEAMLESS = {"question", "shores"}  # these run into the next scene with no fade


def draw(pen: Pen, name: str, t: float, lasts: float, before: str | None) -> None:
    """Draw one moment of a scene, veiled where it begins and ends; ``before`` ran before it."""
    pen.rect(0, 0, WIDTH, HEIGHT, PAPER)
    SCENES[name](pen, t, lasts)
    begins = 1 - between(t, 0, 0.5) if before not in SEAMLESS else 0.0
    ends = between(t, lasts - 0.5, lasts) if name not in {*SEAMLESS, "together"} else 0.0
    veil = ease(max(begins, ends))
    if veil > 0:
        pen.rect(0, 0, WIDTH, HEIGHT, PAPER, veil)
    band(pen, 0, BAND, ease(between(t, 0.2, 2.2)) if name == "question" else 1.0)


def _sun(pen: Pen, x: float, y: float, r: float) -> None:
    pen.disc(x, y, r * 1.5, GOLD_PALE, 0.45)
    pen.disc(x, y, r, GOLD_PALE)


def _left_city(pen: Pen, grow: float, x: float = LEFT) -> None:
    shore(pen, x, 240, TEAL_PALE)
    tree(pen, x - 176, GROUND - 12, 58, TEAL_MID)
    city(pen, x, GROUND - 20, 1, GREEN, "towers", grow)
    tree(pen, x + 186, GROUND - 8, 46, TEAL_MID)


def _right_city(pen: Pen, grow: float) -> None:
    shore(pen, RIGHT, 240, WARM_PALE)
    city(pen, RIGHT, GROUND - 20, 1, BRICK, "domes", grow)
    tree(pen, RIGHT + 190, GROUND - 10, 52, TEAL_MID, "pine")
    tree(pen, RIGHT - 186, GROUND - 8, 44, TEAL_MID, "pine")


def question_scene(pen: Pen, t: float, lasts: float) -> None:
    """A city rises in the middle, asks, and moves to the left to make room."""
    x = mix(640, LEFT, ease(between(t, lasts - 2.2, lasts)))
    _sun(pen, 640, mix(600, 235, ease(between(t, 0.3, 4.5))), 92)
    sea(pen, t)
    _left_city(pen, between(t, 1.0, 4.2), x)
    shown = between(t, 5.0, 5.7)
    bubble(pen, x, ABOVE, shown)
    question(pen, x, ABOVE, TEAL, between(t, 5.4, 6.0))


def shores_scene(pen: Pen, t: float, lasts: float) -> None:
    """A second city rises on the other shore and asks too; then a light comes up."""
    _sun(pen, 640, 235, 92)
    sea(pen, t + 11)
    _left_city(pen, 1)
    bubble(pen, LEFT, ABOVE, 1)
    question(pen, LEFT, ABOVE, TEAL)
    _right_city(pen, between(t, 0.3, 3.2))
    bubble(pen, RIGHT, ABOVE, between(t, 3.4, 4.1))
    question(pen, RIGHT, ABOVE, WARM, between(t, 3.8, 4.3) - between(t, 6.0, 6.6))
    light(pen, RIGHT, ABOVE, between(t, 6.4, 7.4), t * 12)


def exchange_scene(pen: Pen, t: float, lasts: float) -> None:
    """What one knows goes to the other, both ways at once, and becomes one design in both."""
    _sun(pen, 640, 235, 92)
    sea(pen, t + 22)
    _left_city(pen, 1)
    _right_city(pen, 1)
    there = arc((LEFT + 66, ABOVE - 10), (RIGHT - 66, ABOVE - 10), 62)
    back = arc((RIGHT - 62, ABOVE + 26), (LEFT + 62, ABOVE + 26), -62)
    drawn = ease(between(t, 0.6, 2.6))
    pen.line(there, TEAL_MID, 3, 0.9, drawn)
    pen.line(back, WARM_MID, 3, 0.9, drawn)
    for i in range(7):
        u = (t - 2.2 - i * 1.15) / 3.0
        if 0 < u < 1:
            fade = min(1, u * 8, (1 - u) * 8)
            bit(pen, *along(there, ease(u)), TEAL, 17, fade)
            bit(pen, *along(back, ease(u)), WARM, 17, fade)
    for x, own in ((LEFT, "green"), (RIGHT, "brick")):
        bubble(pen, x, ABOVE, 1)
        gone = 1 - between(t, 1.2, 2.0)
        if own == "green":
            question(pen, x, ABOVE, TEAL, gone)
        else:
            light(pen, x, ABOVE, gone, (t + 11) * 12)
        mine, other = between(t, 2.0, 3.0), between(t, 5.0, 6.2)
        green, brick = (mine, other) if own == "green" else (other, mine)
        with pen.clipped(x - 48, ABOVE - 48, 96, 96):
            pair(pen, x, ABOVE, 25, green, brick)


def context_scene(pen: Pen, t: float, lasts: float) -> None:
    """A stall's idea crosses the water, becomes another stall, and takes root."""
    sea(pen, t, 560)
    for points, color in (
        ([(700, 562), (900, 250), (1040, 440), (1120, 330), (1280, 540), (1280, 562)], WASH),
        ([(800, 562), (1000, 380), (1130, 470), (1210, 410), (1280, 470), (1280, 562)], TEAL_PALE),
    ):
        pen.shape(points, color, 0.8)
    with pen.clipped(0, 0, WIDTH, 600):
        pen.ellipse(240, 604, 330, 86, TEAL_PALE)
        pen.ellipse(1030, 612, 360, 100, WARM_PALE)
    for x, size in ((60, 118), (428, 92), (486, 62)):
        tree(pen, x, 548 if x < 440 else 562, size, TEAL_MID)
    for x, size in ((828, 108), (880, 78), (1216, 132)):
        tree(pen, x, 540, size, blend(TEAL, TEAL_MID, 0.4), "pine")
    path = arc((240, 430), (1030, 430), 165)
    pen.line(path, TEAL_MID, 3, 0.7, ease(between(t, 2.4, 6.2)), (3, 12))
    stall(pen, 240, 522, 230 * spring(between(t, 0.4, 1.2)) + 0.01, GREEN, 0,
          between(t, 0.9, 2.2))  # fmt: skip
    going = between(t, 2.6, 6.2)
    if 0 < going < 1:
        x, y, _ = along(path, ease(going))
        ghost(pen, x, y, 150, min(1, going * 6, (1 - going) * 6))
    lands = between(t, 6.2, 7.0)
    if lands > 0:
        turns = ease(between(t, 7.2, 9.0))
        colors = tuple(blend(a, b, turns) for a, b in zip(GREEN, BRICK, strict=True))
        roots(pen, 1030, 524, ease(between(t, 8.4, 11.0)))
        stall(pen, 1030, 520, 230 * spring(lands), colors, turns, between(t, 8.6, 10.0))


PLACES = (
    (410, 350, GREEN, "towers"), (862, 366, BRICK, "domes"), (640, 318, OCHRE, "sheds"),
    (512, 462, BRICK, "village"), (738, 470, GREEN, "sheds"), (622, 566, BRICK, "domes"),
    (940, 262, OCHRE, "village"),
)  # fmt: skip
ROADS = ((0, 1), (0, 2), (2, 1), (0, 3), (3, 4), (4, 1), (2, 4), (3, 5), (5, 4), (1, 6), (2, 6))


def network_scene(pen: Pen, t: float, lasts: float) -> None:
    """Cities join one after another; what one finds travels to all."""
    globe(pen, 640, 215, 400)
    for i, (a, b) in enumerate(ROADS):
        start = 1.8 + max(a, b) * 0.55 + i * 0.08
        road = arc(PLACES[a][:2], PLACES[b][:2], 14)
        pen.line(road, SOFT, 2.5, 0.55, ease(between(t, start, start + 0.9)))
        for k in range(4):
            u = (t - start - 1.0 - k * 2.0 - (i % 4) * 0.35) / 1.6
            if 0 < u < 1:
                ways = road if (i + k) % 2 else road[::-1]
                color = TEAL if (i + k) % 3 else WARM
                bit(pen, *along(ways, ease(u)), color, 13, min(1, u * 6, (1 - u) * 6))
    for i, (x, y, colors, kind) in sorted(enumerate(PLACES), key=lambda place: place[1][1]):
        grow = between(t, 0.6 + i * 0.55, 1.7 + i * 0.55)
        if grow > 0:
            pen.ellipse(x, y, 66 * spring(grow), 12, colors[3])
            city(pen, x, y, 0.36, colors, kind, grow)


def triangle_scene(pen: Pen, t: float, lasts: float) -> None:
    """Two cities of the South and one of the North hold a triangle, and it turns."""
    turn = 120 * ease(between(t, 5.4, 10.6))
    corners = []
    for k in range(3):
        a = math.radians(-90 + k * 120 + turn)
        corners.append((640 + 228 * math.cos(a), 352 + 206 * math.sin(a)))
    north, green, brick = corners
    arrives = ease(between(t, 2.0, 3.4))
    north = (north[0], mix(-120, north[1], arrives))
    pen.shape([north, green, brick], WASH, between(t, 3.8, 5.0))
    sides = ((green, brick, 0.9), (north, green, 3.4), (brick, north, 3.4))
    for i, (a, b, start) in enumerate(sides):
        line = [(mix(a[0], b[0], u / 40), mix(a[1], b[1], u / 40)) for u in range(41)]
        pen.line(line, TEAL_MID if i == 0 else SOFT, 3, 0.7, ease(between(t, start, start + 1)))
        for k in range(12):
            u = (t - start - 1 - k * 0.9) / 1.8
            if 0 < u < 1:
                ways = line if k % 2 else line[::-1]
                color = (TEAL, WARM, SLATE[0])[(i + k) % 3]
                bit(pen, *along(ways, u), color, 13, min(1, u * 5, (1 - u) * 5))
    for (x, y), colors, kind, grow in (
        (green, GREEN, "towers", between(t, 0.2, 1.4)),
        (brick, BRICK, "domes", between(t, 0.4, 1.6)),
        (north, SLATE, "sheds", arrives),
    ):
        size = 76 * spring(min(1, grow * 2))
        pen.disc(x, y, size, CARD)
        pen.disc(x, y, size, colors[2], 1, 4)
        pen.ellipse(x, y + 36, 52 * min(1, grow * 2), 7, colors[3])
        city(pen, x, y + 36, 0.32, colors, kind, grow)


def work_scene(pen: Pen, t: float, lasts: float) -> None:
    """A street that works: a workshop, a market, homes, and people who come and go."""
    _sun(pen, 640, 190, 74)
    pen.shape([(0, 470), (260, 380), (560, 470), (860, 360), (1280, 460), (1280, 540), (0, 540)],
              WASH)  # fmt: skip
    pen.rect(0, 532, WIDTH, HEIGHT - 532, TEAL_PALE, 0.75)
    pen.rect(0, 532, WIDTH, 46, LINE)
    workshop(pen, 250, 532, between(t, 0.3, 1.3), t)
    for i, (x, wide, high, colors, roof) in enumerate((
        (915, 92, 150, OCHRE, "gable"), (1012, 96, 210, GREEN, "flat"),
        (1112, 92, 132, BRICK, "gable"), (1200, 78, 178, SLATE, "dome"),
    )):  # fmt: skip
        house(pen, x, 532, wide, high, colors, roof, between(t, 0.9 + i * 0.3, 1.9 + i * 0.3))
    for x, size, start in ((480, 120, 1.4), (838, 108, 2.0), (42, 96, 1.2)):
        tree(pen, x, 532, size * spring(between(t, start, start + 0.7)) + 0.01, TEAL_MID)
    stall(pen, 655, 532, 220 * spring(between(t, 1.8, 2.6)) + 0.01, BRICK, 0, between(t, 2.4, 4.0))
    walkers = ((-60, 92, OCHRE[1], 0.0), (1350, -84, WARM_DEEP, 1.0), (-300, 104, INK, 2.0),
               (1560, -96, TEAL, 0.5), (-560, 98, WARM, 1.5), (1800, -90, SOFT, 2.4))  # fmt: skip
    for i, (start, speed, color, phase) in enumerate(walkers):
        x = start + speed * (t - 2)
        person(pen, x, 560 + (i % 2) * 12, 88, color, (t + phase) * 5.2)


def solidarity_scene(pen: Pen, t: float, lasts: float) -> None:
    """Eight people around a table put in what they have, and share what comes of it."""
    x, y = 640, 318
    pen.disc(x, y, 262, WASH, spring(between(t, 0.1, 0.9)))
    table = 132 * spring(between(t, 0.4, 1.2))
    pen.disc(x, y, table, CARD)
    pen.disc(x, y, table, LINE, 1, 4)
    colors = (GREEN, BRICK, OCHRE, SLATE)
    pool, shares = ease(between(t, 3.4, 6.0)), ease(between(t, 7.6, 10.2))
    for k in range(8):
        tones = colors[k % 4] if k < 4 else colors[(k + 2) % 4]
        angle = k * 45 - 90 + 22.5
        a = math.radians(angle)
        out = (math.cos(a), math.sin(a))
        with pen.moved(x + 198 * out[0], y + 198 * out[1], spring(between(t, 0.8 + k * 0.16,
                       1.5 + k * 0.16)), angle):  # fmt: skip
            pen.ellipse(0, 0, 23, 44, tones[0])
            for side in (-1, 1):
                pen.line([(-6, side * 36), (-38, side * 22)], tones[0], 15)
            pen.disc(2, 0, 20, tones[1])
            pen.disc(-1, 0, 20, tones[2])
        given = ease(between(t, 2.4 + k * 0.28, 3.6 + k * 0.28))
        near = mix(150, 26, given)
        if given > 0 and pool < 1:
            size = mix(13, 17, pool) * min(1, given * 5)
            pen.disc(x + near * out[0], y + near * out[1], size, tones[0], 1 - between(t, 6.0, 6.6))
        whole = between(t, 5.4, 6.4)
        if whole > 0:
            push = 72 * shares + 2 * between(t, 6.8, 7.6)
            _slice(pen, x + push * out[0], y + push * out[1], 62 * spring(whole), angle, k)


def _slice(pen: Pen, x: float, y: float, r: float, angle: float, k: int) -> None:
    edge = [(x + r * math.cos(math.radians(angle + d)), y + r * math.sin(math.radians(angle + d)))
            for d in (-22.5, -15, -7.5, 0, 7.5, 15, 22.5)]  # fmt: skip
    pen.shape([(x, y), *edge], TEAL if k % 2 else WARM)


def weave_scene(pen: Pen, t: float, lasts: float) -> None:
    """Strips come from their sides and weave into the design of the module's cover."""
    cell, strip, half = cover.CELL, cover.STRIP, cover.STRIP / 2
    with pen.moved(640, 322, 0.87):
        columns: dict[int, tuple[float, float]] = {}
        for c in range(-cover.REACH, cover.EDGE + 1):
            u = ease(between(t, 2.6 + (c + 7) * 0.14, 5.4 + (c + 7) * 0.14))
            shift = (1 - u) * (-900 if c % 2 else 900)
            reach = cover.half(c) * cell + half
            columns[c] = (shift - reach, shift + reach)
            pen.rect(c * cell - half, shift - reach, strip, 2 * reach, WARM)
        ends: dict[int, float] = {}
        for r in range(-cover.ROWS, cover.ROWS + 1):
            u = ease(between(t, 0.4 + abs(r) * 0.16, 3.2 + abs(r) * 0.16))
            end = mix(-780, cover.tip(r) * cell + half, u)
            ends[r] = end
            pen.rect(-1000, r * cell - half - 4, 1000 + end + 4, strip + 8, PAPER)
            pen.rect(-cover.EDGE * cell - half, r * cell - half,
                     max(0, end + cover.EDGE * cell + half), strip, TEAL)  # fmt: skip
        for r, end in ends.items():
            for c in range(-cover.tip(r), cover.tip(r) + 1):
                if (r + c) % 2 == 0 and end > c * cell - half:
                    _over(pen, r, c, columns[c])


def _over(pen: Pen, r: int, c: int, column: tuple[float, float]) -> None:
    cell, half = cover.CELL, cover.STRIP / 2
    top, low = max(column[0], r * cell - half - 1), min(column[1], r * cell + half + 1)
    if top < low:
        pen.rect(c * cell - cell / 2, top, cell, low - top, PAPER)
        above = cell - 2 * half if cover.tip(r - 1) < c else 4
        below = cell - 2 * half if cover.tip(r + 1) < c else 4
        top, low = max(column[0], r * cell - half - above), min(column[1], r * cell + half + below)
        pen.rect(c * cell - half, top, 2 * half, low - top, WARM)


ROW = (
    (110, 0.62, GREEN, "sheds"), (300, 0.78, BRICK, "village"), (480, 0.72, OCHRE, "sheds"),
    (668, 0.98, GREEN, "towers"), (880, 0.66, SLATE, "sheds"), (1040, 0.82, BRICK, "domes"),
    (1205, 0.6, GREEN, "village"),
)  # fmt: skip


def together_scene(pen: Pen, t: float, lasts: float) -> None:
    """All the cities on one woven band; at last the band alone."""
    leaves = ease(between(t, lasts - 2.4, lasts - 1.0))
    y = mix(500, 316, ease(between(t, lasts - 2.0, lasts - 0.6)))
    _sun(pen, 640, mix(520, 215, ease(between(t, 0.8, 4.0))) + leaves * 320, 105 * (1 - leaves) + 1)
    pen.rect(0, y, WIDTH, HEIGHT - y, PAPER)
    for i, (x, scale, colors, kind) in enumerate(ROW):
        grow = between(t, 0.9 + i * 0.32, 2.3 + i * 0.32) * (1 - leaves)
        city(pen, x, y, scale, colors, kind, grow)
    band(pen, y, 64, ease(between(t, 0.3, 2.4)))


SCENES: dict[str, Scene] = {
    "question": question_scene,
    "shores": shores_scene,
    "exchange": exchange_scene,
    "context": context_scene,
    "network": network_scene,
    "triangle": triangle_scene,
    "work": work_scene,
    "solidarity": solidarity_scene,
    "weave": weave_scene,
    "together": together_scene,
}
