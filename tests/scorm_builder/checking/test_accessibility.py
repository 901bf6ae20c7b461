"""Accessibility checks of pages, by their WCAG 2.2 criteria."""

import pytest

from scorm_builder.checking.accessibility import findings


def page(body: str, head: str = "<title>A</title>", lang: str = ' lang="es"') -> str:
    return f"<!doctype html><html{lang}><head>{head}</head>\n<body>\n{body}\n</body></html>"


WRONG = [
    ("1.1.1", page('<img src="a.png">')),
    ("1.1.1", page('<img src="a.png" alt="a.png">')),
    ("1.1.1", page('<map><area href="b.html"></map>')),
    ("1.1.1", page('<input type="image" src="go.png">')),
    ("1.1.1", page('<svg role="img"><path d="M0 0"/></svg>')),
    ("1.2.2", page('<video src="a.mp4"></video>')),
    ("1.2.2", page('<video src="a.mp4"><track kind="chapters" src="a.vtt"></video>')),
    ("1.4.2", page('<audio src="a.mp3" autoplay></audio>')),
    ("1.4.4", page("", '<title>A</title><meta name="viewport" content="user-scalable=no">')),
    ("2.2.1", page("", '<title>A</title><meta http-equiv="refresh" content="30">')),
    ("2.4.2", page("", head="")),
    ("2.4.2", page("<svg><title>Drawing</title></svg>", head="<title> </title>")),
    ("2.4.3", page('<p tabindex="2">A</p>')),
    ("2.4.4", page('<a href="b.html"><img src="a.png" alt=""></a>')),
    ("3.1.1", page("A", lang="")),
    ("3.1.1", page("A", lang=' lang="spanish please"')),
    ("3.1.2", page('<p lang="e s">A</p>')),
    ("4.1.2", page("<button><i></i></button>")),
    ("4.1.2", page('<iframe src="b.html"></iframe>')),
    ("4.1.2", page('<label for="b">B</label><input id="a">')),
    ("4.1.2", page("<textarea></textarea>")),
]


@pytest.mark.parametrize(("criterion", "html"), WRONG)
def test_wrong(criterion: str, html: str) -> None:
    (finding,) = findings("index.html", html)
    assert (finding.level, finding.clause) == ("warning", f"wcag/{criterion}")
    assert finding.source.startswith(f"WCAG 2.2, {criterion} ")
    assert finding.line is not None


RIGHT = [
    '<img src="a.png" alt="A map">',
    '<img src="a.png" alt="">',
    '<img src="a.png" role="presentation">',
    '<a href="b.html"><img src="a.png" alt="Home"></a>',
    '<a href="b.html" aria-label="Home"></a>',
    '<a id="anchor"></a>',
    '<video src="a.mp4"><track kind="captions" src="a.vtt"></video>',
    '<video src="a.mp4"><track src="a.vtt"></video>',
    '<video src="a.mp4" muted autoplay></video>',
    "<button>Go</button>",
    '<button><svg role="img"><title>Go</title></svg></button>',
    '<iframe src="b.html" title="The film"></iframe>',
    '<input id="a"><label for="a">A</label>',
    "<label>A <input></label>",
    '<input type="hidden"><input type="submit">',
    '<p lang="pt-BR" tabindex="-1">A</p>',
    "<script>if (a < b) { '<img src=x>' }</script>",
]


@pytest.mark.parametrize("body", RIGHT)
def test_right(body: str) -> None:
    assert list(findings("index.html", page(body))) == []


def test_a_fragment_needs_no_title_and_language() -> None:
    assert list(findings("part.html", "<p>A part")) == []


def test_repeated_findings_are_summarised() -> None:
    found = list(findings("a.html", page('<img src="a">\n' * 12)))
    assert len(found) == 6
    assert [one.line for one in found] == [3, 4, 5, 6, 7, None]
    assert "7 times more" in found[-1].message


@pytest.mark.parametrize(
    "html", ["<", "<html", "</p></p>", "<a href=", "<!", "<p " * 9000, "\0<b>", "<p>a" * 50_000]
)
def test_no_html_raises_an_exception(html: str) -> None:
    list(findings("a.html", html))
