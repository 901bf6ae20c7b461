"""Makes the short tour: ``media/tour.mp4``, its poster and its captions.

Needs skia-python and Pillow, and the command ``ffmpeg`` with libx264::

    python -m pip install skia-python pillow
    python make_tour.py

``--text`` writes only the captions, and needs nothing but Python; ``--frame SECONDS FILE`` draws
one frame as a PNG. The same versions of the tools give the same bytes.
"""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

MEDIA = Path(__file__).resolve().parent.parent / "media"
WIDTH, HEIGHT, RATE, SECONDS, POSTER_AT = 960, 540, 20, 24, 9.0
PAPER, CARD, LINE, INK = "#fbfaf6", "#ffffff", "#d5d3ca", "#5a6661"
TEAL, TEAL_DEEP, WASH = "#0d6b5f", "#0a4f47", "#e8f2ef"
WARM, WARM_DEEP, WARM_PALE, OCHRE = "#b4532a", "#8c3f1f", "#f3dccf", "#c08a33"

CUES = (
    (0.5, 5.6, {
        "en": "You write text, and put\npictures and videos beside it.",
        "es": "Escribes el texto y pones al lado\nimágenes y videos.",
    }),
    (6.0, 10.8, {
        "en": "One folder is the whole module.",
        "es": "Una carpeta es el módulo entero.",
    }),
    (11.2, 17.0, {
        "en": "From it comes the live page in the LMS,\nwith its discussion,",
        "es": "De ella sale la página en línea,\ndentro del LMS y con su foro,",
    }),
    (17.4, 23.4, {
        "en": "and the package that works\nwith no connection.",
        "es": "y el paquete que funciona\nsin conexión.",
    }),
)  # fmt: skip


def vtt(language: str) -> str:
    """Write the captions of a language as WebVTT."""
    blocks = [
        f"{number}\n00:{start:06.3f} --> 00:{end:06.3f}\n{texts[language]}\n"
        for number, (start, end, texts) in enumerate(CUES, 1)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def step(t: float, start: float, end: float) -> float:
    """How far ``t`` has come from ``start`` to ``end``, from 0 to 1, gently."""
    x = min(1.0, max(0.0, (t - start) / (end - start)))
    return x * x * (3 - 2 * x)


class Pen:
    """A Skia canvas with the few words that this film needs."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def paint(self, color: str, stroke: float = 0, alpha: float = 1) -> Any:
        """Return a smooth paint: filled, or a round line if ``stroke`` is its breadth."""
        import skia

        rgb = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(*rgb, round(255 * alpha)))
        if stroke:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(stroke)
            paint.setStrokeCap(skia.Paint.kRound_Cap)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
        return paint

    def shape(self, points: list[tuple[float, float]], color: str, stroke: float = 0) -> None:
        """Fill a polygon, or draw a line through its points."""
        import skia

        path = skia.Path.Polygon([skia.Point(*point) for point in points], not stroke)
        self.canvas.drawPath(path, self.paint(color, stroke))

    def box(self, x: float, y: float, wide: float, high: float, color: str, r: float = 0,
            stroke: float = 0) -> None:  # fmt: skip
        """Fill a rectangle whose corners are round by ``r``, or draw its edge."""
        import skia

        rect = skia.Rect.MakeXYWH(x, y, wide, high)
        self.canvas.drawRoundRect(rect, r, r, self.paint(color, stroke))

    def at(self, x: float, y: float, scale: float) -> None:
        """From here to ``back``, draw as if ``(x, y)`` were the origin."""
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.scale(scale, scale)

    def back(self) -> None:
        """Undo the last ``at``."""
        self.canvas.restore()


def band(pen: Pen, x: float, y: float, wide: float, high: float) -> None:
    """Draw a woven band: two rows of triangles that look at each other."""
    pen.box(x, y, wide, high, PAPER)
    count = max(1, round(wide / high))
    size = wide / count
    for i in range(count):
        left, middle = x + i * size, y + high / 2
        pen.shape([(left, y), (left + size, y), (left + size / 2, middle)], TEAL)
        pen.shape([(left, y + high), (left + size, y + high), (left + size / 2, middle)], WARM)


def sheet(pen: Pen, x: float, y: float, kind: str) -> None:
    """Draw a sheet of paper around its middle: with text, a video or a question on it."""
    pen.box(x - 58, y - 76, 116, 152, CARD, 4)
    pen.box(x - 58, y - 76, 116, 152, LINE, 4, 2)
    if kind == "text":
        pen.box(x - 40, y - 56, 52, 9, TEAL, 2)
        for i in range(6):
            pen.box(x - 40, y - 34 + i * 15, 80 - (i % 3) * 12, 5, LINE, 2)
    elif kind == "video":
        pen.box(x - 42, y - 56, 84, 58, WARM_PALE, 4)
        pen.shape([(x - 11, y - 43), (x - 11, y - 11), (x + 17, y - 27)], WARM)
        pen.box(x - 42, y + 14, 84, 5, LINE, 2)
    else:
        mark(pen, x, y - 30, OCHRE)


def mark(pen: Pen, x: float, y: float, color: str) -> None:
    """Draw a question mark."""
    turns = (math.radians(degrees) for degrees in range(-175, 60, 5))
    hook = [(x + 15 * math.cos(a), y - 13 + 15 * math.sin(a)) for a in turns]
    pen.shape([*hook, (x, y + 6), (x, y + 13)], color, 7.5)
    pen.canvas.drawCircle(x, y + 27, 4.6, pen.paint(color))


def folder(pen: Pen, t: float) -> None:
    """Draw the folder, with the sheets that have come into it."""
    pen.shape([(-170, -128), (-60, -128), (-40, -104), (170, -104), (170, 120), (-170, 120)],
              TEAL_DEEP)  # fmt: skip
    for i, kind in enumerate(("text", "video", "question")):
        come = step(t, 0.6 + i * 1.4, 2.0 + i * 1.4)
        if come > 0:
            sheet(pen, (i - 1) * 98 - (1 - come) * 60, -92 - (1 - come) * 230 + (i % 2) * 12, kind)
    pen.shape([(-182, -62), (182, -62), (170, 122), (-170, 122)], TEAL)
    pen.shape([(-180, -26), (180, -26), (177, 20), (-177, 20)], PAPER)
    band(pen, -178, -20, 356, 34)


def arrow(pen: Pen, start: tuple[float, float], end: tuple[float, float], drawn: float) -> None:
    """Draw an arrow, as far as it has come."""
    if drawn <= 0:
        return
    (x, y), (to_x, to_y) = start, end
    tip = (x + (to_x - x) * drawn, y + (to_y - y) * drawn)
    pen.shape([start, tip], INK, 4)
    angle = math.atan2(to_y - y, to_x - x)
    for turn in (angle + 2.6, angle - 2.6):
        barb = (tip[0] + 15 * math.cos(turn), tip[1] + 15 * math.sin(turn))
        pen.shape([tip, barb], INK, 4)


def page(pen: Pen, t: float) -> None:
    """Draw the live page, growing part by part, around its middle."""
    pen.box(-150, -106, 300, 212, CARD, 6)
    pen.box(-150, -106, 300, 212, LINE, 6, 2)
    band(pen, -149, -105, 298, 12)
    grown = step(t, 0.6, 1.2)
    pen.box(-126, -76, 150 * grown, 11, TEAL, 2)
    for i in range(3):
        pen.box(
            -126, -52 + i * 13, (140 - i * 18) * step(t, 0.9 + i * 0.2, 1.5 + i * 0.2), 5, LINE, 2
        )
    film = step(t, 1.6, 2.2)
    if film > 0:
        pen.at(82, -42, film)
        pen.box(-46, -32, 92, 64, WARM_PALE, 4)
        pen.shape([(-10, -15), (-10, 15), (16, 0)], WARM)
        pen.back()
    for i, (x, color) in enumerate(((-60, TEAL), (56, WARM))):
        says = step(t, 2.4 + i * 0.9, 3.0 + i * 0.9)
        if says > 0:
            pen.at(x, 28 + i * 38, says)
            pen.box(-62, -20, 124, 40, color, 12)
            pen.shape([(-40 + i * 80, 16), (-20 + i * 60, 16), (-44 + i * 88, 34)], color)
            for row in range(2):
                pen.box(-44, -9 + row * 12, 88 - row * 30, 5, PAPER, 2)
            pen.back()


def parcel(pen: Pen, t: float) -> None:
    """Draw a box around its middle, whose two flaps come down."""
    close = step(t, 1.4, 2.4)
    pen.box(-80, -40, 160, 104, WARM, 3)
    pen.box(-80, -40, 160, 16, WARM_DEEP, 0)
    for side in (-1, 1):
        angle = math.radians(-115 * (1 - close)) * side
        hinge = side * 80
        tip = (hinge - side * 80 * math.cos(angle), -40 - abs(80 * math.sin(angle)) * 0.7)
        pen.shape([(hinge, -40), tip, (tip[0], tip[1] + 9), (hinge, -30)], WARM_DEEP)
    tape = step(t, 2.4, 3.0)
    if tape > 0:
        pen.box(-80, -8, 160 * tape, 28, PAPER)
        band(pen, -80, -4, 20 * round(8 * tape) + 0.01, 20)


def draw(pen: Pen, t: float) -> None:
    """Draw one moment of the film."""
    pen.box(0, 0, WIDTH, HEIGHT, PAPER)
    aside = step(t, 11.0, 12.2)
    pen.at(480 - 260 * aside, 300 - 26 * aside, 1.12 - 0.34 * aside)
    folder(pen, t)
    pen.back()
    arrow(pen, (386, 232), (500, 178), step(t, 12.2, 12.9))
    opens = step(t, 12.8, 13.5)
    if opens > 0:
        pen.at(690, 158, opens)
        page(pen, t - 13.0)
        pen.back()
    arrow(pen, (386, 318), (550, 370), step(t, 17.2, 17.9))
    packs = step(t, 17.8, 18.4)
    if packs > 0:
        pen.at(690, 374, packs)
        parcel(pen, t - 18.2)
        pen.back()
    band(pen, 0, 0, WIDTH, 18)


def frame(t: float) -> bytes:
    """Draw a frame; give its pixels as RGBA bytes."""
    import skia

    surface = skia.Surface(WIDTH, HEIGHT)
    draw(Pen(surface.getCanvas()), t)
    return surface.toarray(colorType=skia.kRGBA_8888_ColorType).tobytes()


def save_picture(t: float, target: Path) -> None:
    """Save a frame as JPEG or PNG, as its name says."""
    from PIL import Image

    picture = Image.frombytes("RGBA", (WIDTH, HEIGHT), frame(t)).convert("RGB")
    picture.save(target, quality=84, optimize=True)


def write_video(target: Path) -> None:
    """Draw every frame and hand it to ffmpeg."""
    command = [
        "ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba",
        "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-", "-an", "-c:v", "libx264",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-profile:v", "main", "-preset", "veryslow", "-tune", "animation", "-crf", "29",
        "-g", str(RATE * 12), "-pix_fmt", "yuv420p", "-threads", "1", "-map_metadata", "-1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", str(target),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for number in range(SECONDS * RATE):
            encoder.stdin.write(frame(number / RATE))
        encoder.stdin.close()
    if encoder.returncode:
        raise SystemExit("ffmpeg could not write the video")


def main(arguments: list[str]) -> None:
    """Make everything, or only the captions, or one frame."""
    if arguments[:1] == ["--frame"]:
        save_picture(float(arguments[1]), Path(arguments[2]))
        return
    for language in CUES[0][2]:
        (MEDIA / f"tour.{language}.vtt").write_text(vtt(language), encoding="utf-8")
    if arguments == ["--text"]:
        return
    save_picture(POSTER_AT, MEDIA / "tour.jpg")
    write_video(MEDIA / "tour.mp4")
    for name in ("tour.mp4", "tour.jpg"):
        print(f"{name}: {(MEDIA / name).stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
