"""URLs of remote videos."""

import pytest

from courseware.parser.remote_videos import is_web_url, recognize, why_not

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"
YOUTUBE = (
    "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
    "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
)

UNDERSTOOD = [
    ("https://www.youtube.com/watch?v=aqz-KE-bpKQ", *YOUTUBE),
    ("https://youtube.com/watch?app=desktop&v=aqz-KE-bpKQ", *YOUTUBE),
    ("https://youtube.com/watch/?v=aqz-KE-bpKQ", *YOUTUBE),
    ("https://music.youtube.com/watch?v=aqz-KE-bpKQ&list=RDAMVM", *YOUTUBE),
    ("https://www.youtube.com/watch?v=aqz-KE-bpKQ&list=PL123&index=4", *YOUTUBE),
    ("https://youtube-nocookie.com/embed/aqz-KE-bpKQ", *YOUTUBE),
    ("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?rel=0", *YOUTUBE),
    ("https://www.youtube.com/live/aqz-KE-bpKQ?feature=share", *YOUTUBE),
    ("https://m.youtube.com/shorts/aqz-KE-bpKQ/", *YOUTUBE),
    ("https://WWW.YouTube.com/watch?v=aqz-KE-bpKQ#comments", *YOUTUBE),
    ("https://m.youtube.com/watch?v=aqz-KE-bpKQ", *YOUTUBE),
    ("https://youtu.be/aqz-KE-bpKQ?si=abc", *YOUTUBE),
    ("https://www.youtube.com/shorts/aqz-KE-bpKQ", *YOUTUBE),
    ("https://www.youtube.com/embed/aqz-KE-bpKQ", *YOUTUBE),
    ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/76979871/0a1b2c3d4e",
     "https://player.vimeo.com/video/76979871?dnt=1&h=0a1b2c3d4e",
     "https://vimeo.com/76979871/0a1b2c3d4e"),
    ("https://player.vimeo.com/video/76979871?h=0a1b2c3d4e",
     "https://player.vimeo.com/video/76979871?dnt=1&h=0a1b2c3d4e",
     "https://vimeo.com/76979871/0a1b2c3d4e"),
    ("https://vimeo.com/showcase/11111111/video/76979871",
     "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/album/11111111/video/76979871",
     "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/groups/shortfilms/videos/76979871",
     "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/channels/staffpicks/76979871",
     "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/76979871?fl=pl&fe=vl",
     "https://player.vimeo.com/video/76979871?dnt=1",
     "https://vimeo.com/76979871"),
    ("https://vimeo.com/76979871/0a1b2c3d4e?share=copy",
     "https://player.vimeo.com/video/76979871?dnt=1&h=0a1b2c3d4e",
     "https://vimeo.com/76979871/0a1b2c3d4e"),
    (f"https://peertube.example.org/w/{SHORT}",
     f"https://peertube.example.org/videos/embed/{SHORT}",
     f"https://peertube.example.org/w/{SHORT}"),
    (f"https://peertube.example.org/videos/embed/{UUID}?title=0",
     f"https://peertube.example.org/videos/embed/{UUID}",
     f"https://peertube.example.org/w/{UUID}"),
    (f"https://peertube.example.org/videos/watch/{UUID}",
     f"https://peertube.example.org/videos/embed/{UUID}",
     f"https://peertube.example.org/w/{UUID}"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "embed", "watch"), UNDERSTOOD)
def test_embed_and_watch_urls(url: str, embed: str, watch: str) -> None:
    video = recognize(url)
    assert video is not None
    assert (video.embed, video.watch) == (embed, watch)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("t=90", 90), ("t=90s", 90), ("t=1m30s", 90), ("t=1m30", 90), ("t=2m", 120),
        ("t=1h2m3s", 3723), ("t=1:30", 90), ("t=1:00:05", 3605), ("start=90", 90),
        ("time_continue=7", 7), ("t=0", 0), ("t=0s", 0),
    ],
)  # fmt: skip
def test_a_start_time_is_kept(time: str, seconds: int) -> None:
    youtube = recognize(f"https://www.youtube.com/watch?v=aqz-KE-bpKQ&{time}")
    vimeo = recognize(f"https://vimeo.com/76979871#{time}")
    peertube = recognize(f"https://peertube.example.org/w/{SHORT}?{time}")
    assert youtube is not None
    assert vimeo is not None
    assert peertube is not None
    assert (youtube.ignored, vimeo.ignored, peertube.ignored) == ("", "", "")
    assert youtube.embed == YOUTUBE[0] + (f"?start={seconds}" if seconds else "")
    assert youtube.watch == YOUTUBE[1] + (f"&t={seconds}s" if seconds else "")
    at = f"#t={seconds}s" if seconds else ""
    assert vimeo.embed == f"https://player.vimeo.com/video/76979871?dnt=1{at}"
    at = f"?start={seconds}s" if seconds else ""
    assert peertube.embed == f"https://peertube.example.org/videos/embed/{SHORT}{at}"
    assert peertube.watch == f"https://peertube.example.org/w/{SHORT}{at}"


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("t=soon", "t=soon"),
        ("t=-5", "t=-5"),
        ("t=1.5", "t=1.5"),
        ("start=10&end=20", "end=20"),
        ("start=1m&stop=2m", "stop=2m"),
        ("t=" + "9" * 50, "t=" + "9" * 50),
    ],
)
def test_a_time_that_cannot_be_used_is_named(query: str, ignored: str) -> None:
    video = recognize(f"https://youtu.be/aqz-KE-bpKQ?{query}")
    assert video is not None
    assert video.ignored == ignored


MANY = "leads to a list, a channel or a page of many videos, not to one video"
NO_ID = "has no complete name (id) of a video"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://www.youtube.com/playlist?list=PL123", MANY),
        ("https://www.youtube.com/@un", MANY),
        ("https://www.youtube.com/@un/videos", MANY),
        ("https://www.youtube.com/channel/UC123", MANY),
        ("https://www.youtube.com/results?search_query=x", MANY),
        ("https://www.youtube.com/", MANY),
        ("https://vimeo.com/showcase/11111111", MANY),
        ("https://vimeo.com/channels/staffpicks", MANY),
        ("https://vimeo.com/groups/shortfilms", MANY),
        (f"https://peertube.example.org/w/p/{SHORT}", MANY),
        ("https://peertube.example.org/c/films/videos", MANY),
        ("https://www.youtube.com/watch?v=short", NO_ID),
        ("https://vimeo.com/about", NO_ID),
        ("http://youtu.be/aqz-KE-bpKQ", "does not begin with https://"),
        ("www.youtube.com/watch?v=aqz-KE-bpKQ", "does not begin with https://"),
        ("https://example.org/c/video.mp4", "is not that of a video that can be shown"),
        ("https://[::1", "is not written correctly"),
    ],
)
def test_what_is_not_a_video_is_refused_with_the_reason(url: str, why: str) -> None:
    assert recognize(url) is None
    assert why_not(url) == why


@pytest.mark.parametrize(
    "url",
    [
        "http://www.youtube.com/watch?v=aqz-KE-bpKQ",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/playlist?list=PL123",
        "https://youtu.be/",
        "https://notyoutube.com/watch?v=aqz-KE-bpKQ",
        "https://vimeo.com/showcase/11111111/76979871",
        "https://www.youtube.com.example.org/watch?v=aqz-KE-bpKQ",
        "https://vimeo.com/about",
        "https://vimeo.com/1234?h=%22onload",
        "https://example.org/video.mp4",
        f"https://localhost/w/{SHORT}",
        f"https://10.0.0.1/w/{SHORT}",
        f"https://user:word@peertube.example.org/w/{SHORT}",
        f"https://peertube.example.org:99999/w/{SHORT}",
        "https://[::1",
        "javascript:alert(1)",
        "",
    ],
)
def test_other_urls_are_not_recognized(url: str) -> None:
    assert recognize(url) is None


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org", True),
        ("http://example.org/a?b=c#d", True),
        ("https://example.org/año", True),
        ("https://", False),
        ("example.org", False),
        ("//example.org", False),
        ("https://user@example.org/", False),
        ("https://example.org/a b", False),
        ('https://example.org/"x', False),
        ("https://example.org:x/", False),
        ("https://example.org:0/", False),
        ("https://example.org:8443/", True),
        ("ftp://example.org/", False),
    ],
)
def test_web_urls(url: str, good: bool) -> None:
    assert is_web_url(url) is good
