"""URLs of remote videos."""

import pytest

from courseware.parser.remote_videos import is_web_url, recognize

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"
YOUTUBE = (
    "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
    "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
)

UNDERSTOOD = [
    ("https://www.youtube.com/watch?v=aqz-KE-bpKQ", *YOUTUBE),
    ("https://youtube.com/watch?app=desktop&v=aqz-KE-bpKQ&t=10s", *YOUTUBE),
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
    (f"https://peertube.example.org/w/{SHORT}",
     f"https://peertube.example.org/videos/embed/{SHORT}",
     f"https://peertube.example.org/w/{SHORT}"),
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
    "url",
    [
        "http://www.youtube.com/watch?v=aqz-KE-bpKQ",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/playlist?list=PL123",
        "https://youtu.be/",
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
