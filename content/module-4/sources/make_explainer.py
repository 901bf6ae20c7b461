"""Makes the explainer of module 4: video, poster, captions and transcripts, from one table.

The table is ``explainer.toml``; ``scenes.py`` draws, with ``figures.py`` and ``shapes.py``.
It writes::

    media/explainer.mp4            H.264, 1280 by 720, silent, ready to stream
    media/explainer.jpg            the poster
    media/explainer.<language>.vtt captions
    <language>/explainer.transcript.md

Captions and transcripts need nothing but Python (3.11 or newer)::

    python make_explainer.py --text

The pictures need skia-python and Pillow, and the command ``ffmpeg`` with libx264::

    python -m pip install skia-python pillow
    python make_explainer.py

``--frame SECONDS FILE`` draws one frame as a PNG, to look at. Nothing depends on the clock or on
chance: the same table, drawings and versions of the tools give the same bytes.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODULE = HERE.parent
NAME = "explainer"
LANGUAGES = ("es", "en", "fr", "pt")
RATE = 24  # frames a second
POSTER_AT = 31.0  # seconds: the moment of the poster
LEAD, REST = 0.5, 0.3  # seconds before the first cue of a scene, and after each cue

Cue = tuple[float, float, str]


def table() -> dict[str, Any]:
    """Read the table of scenes."""
    return tomllib.loads((HERE / f"{NAME}.toml").read_text(encoding="utf-8"))


def cues(scenes: list[dict[str, Any]], language: str) -> Iterator[Cue]:
    """Give every cue as (start, end, text), in seconds from the start of the film."""
    begin = 0.0
    for scene in scenes:
        share = (scene["seconds"] - LEAD) / len(scene["cues"])
        for i, cue in enumerate(scene["cues"]):
            start = begin + LEAD + i * share
            yield start, start + share - REST, cue[language]
        begin += scene["seconds"]


def vtt(scenes: list[dict[str, Any]], language: str) -> str:
    """Write the captions of a language as WebVTT."""
    blocks = [
        f"{number}\n{_clock(start)} --> {_clock(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues(scenes, language), 1)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def transcript(film: dict[str, Any], language: str) -> str:
    """Write, as Markdown, what is seen in each scene and what its captions say."""
    blocks = [film["transcript"][language]]
    for scene in film["scenes"]:
        said = " ".join(cue[language].replace("\n", " ") for cue in scene["cues"])
        blocks += [f"*{scene['seen'][language]}*", said]
    return "\n\n".join(blocks) + "\n"


def write_texts(film: dict[str, Any]) -> None:
    """Put captions and transcripts in their places."""
    for language in LANGUAGES:
        captions = MODULE / "media" / f"{NAME}.{language}.vtt"
        captions.write_text(vtt(film["scenes"], language), encoding="utf-8")
        spoken = MODULE / language / f"{NAME}.transcript.md"
        spoken.write_text(transcript(film, language), encoding="utf-8")


def frame(scenes: list[dict[str, Any]], seconds: float) -> bytes:
    """Draw the frame at a moment of the film; give its pixels as RGBA bytes."""
    import skia
    from scenes import draw
    from shapes import HEIGHT, WIDTH, Pen

    before, begin = None, 0.0
    for scene in scenes:
        if seconds < begin + scene["seconds"]:
            break
        before, begin = scene["name"], begin + scene["seconds"]
    surface = skia.Surface(WIDTH, HEIGHT)
    draw(Pen(surface.getCanvas()), scene["name"], seconds - begin, scene["seconds"], before)
    return surface.toarray(colorType=skia.kRGBA_8888_ColorType).tobytes()


def save_picture(pixels: bytes, target: Path) -> None:
    """Save one frame as JPEG or PNG, as its name says."""
    from PIL import Image

    picture = Image.frombytes("RGBA", (1280, 720), pixels).convert("RGB")
    picture.save(target, quality=82, optimize=True, progressive=target.suffix == ".jpg")


def write_video(scenes: list[dict[str, Any]], target: Path) -> None:
    """Draw every frame and hand it to ffmpeg."""
    command = [
        "ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba",
        "-s", "1280x720", "-r", str(RATE), "-i", "-", "-an", "-c:v", "libx264",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-profile:v", "main", "-preset", "veryslow", "-tune", "animation", "-crf", "27",
        "-g", str(RATE * 10), "-pix_fmt", "yuv420p", "-threads", "1", "-map_metadata", "-1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", str(target),
    ]  # fmt: skip
    total = sum(scene["seconds"] for scene in scenes)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for number in range(total * RATE):
            encoder.stdin.write(frame(scenes, number / RATE))
        encoder.stdin.close()
    if encoder.returncode:
        raise SystemExit("ffmpeg could not write the video")


def main(arguments: list[str]) -> None:
    """Make everything, or only the texts, or one frame."""
    film = table()
    if arguments[:1] == ["--frame"]:
        save_picture(frame(film["scenes"], float(arguments[1])), Path(arguments[2]))
        return
    write_texts(film)
    if arguments == ["--text"]:
        return
    media = MODULE / "media"
    save_picture(frame(film["scenes"], POSTER_AT), media / f"{NAME}.jpg")
    write_video(film["scenes"], media / f"{NAME}.mp4")
    for name in (f"{NAME}.mp4", f"{NAME}.jpg"):
        print(f"{name}: {(media / name).stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
