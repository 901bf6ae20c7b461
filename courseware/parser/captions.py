"""Check captions in WebVTT (https://www.w3.org/TR/webvtt1/): header, timings and their order."""

import re

from courseware.parser.report import Report

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_COMMA = re.compile(r"\d{2}:\d{2},\d{3}")
_EXAMPLE = "00:00:01.000 --> 00:00:04.000"


def check_captions(text: str, file: str, report: Report) -> None:
    """Report the errors of ``text`` as WebVTT."""
    lines = text.split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        report.error(
            file,
            1,
            "The captions do not begin with the word WEBVTT.",
            "Write WEBVTT in the first line, and leave the second one empty.",
        )
        return
    cues, previous = 0, -1
    for number, line in enumerate(lines, 1):
        if "-->" not in line:
            continue
        cues += 1
        match = _TIMING.fullmatch(line.strip())
        if match is None:
            remedy = (
                "Use a point, not a comma, before the milliseconds"
                if _COMMA.search(line)
                else "Write it"
            )
            report.error(
                file,
                number,
                "The times of this caption cannot be read.",
                f"{remedy}, like this: {_EXAMPLE}",
            )
            continue
        start, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
        if end <= start:
            report.error(
                file, number, "This caption ends before it begins.", "Correct one of its two times."
            )
        if start < previous:
            report.error(
                file,
                number,
                "This caption begins before the one above it.",
                "Put the captions in the order of their times.",
            )
        previous = start
    if cues == 0:
        report.error(
            file, None, "There is not one caption in the file.", f"Write the first: {_EXAMPLE}"
        )


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part[-9:]) if part else 0 for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
