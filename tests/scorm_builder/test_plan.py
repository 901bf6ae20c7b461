import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder import plan
from tests.support.small_module import write_module

WHOLE = (
    "index.html",
    "en.html",
    "ar.html",
    "minga.css",
    "icon.svg",
    "runtime.js",
    "media/film.en.vtt",
    "media/film.es.vtt",
    "media/film.mp4",
    "media/film.png",
    "media/guide.pdf",
    "media/market.svg",
)


def paths(planned: plan.PackagePlan) -> tuple[str, ...]:
    return tuple(file.path for file in planned.files)


def test_the_order_is_pages_then_shared_files_then_media(module: Module) -> None:
    assert paths(plan.make(module)) == WHOLE


def test_every_file_knows_its_size_and_digest(module: Module) -> None:
    for file in plan.make(module, adapters=["scorm12.js"]).files:
        data = file.data if file.data is not None else (file.source or Path()).read_bytes()
        assert len(data) == file.size
        assert hashlib.sha256(data).hexdigest() == file.sha256


def test_media_files_are_copied_from_disk(module: Module) -> None:
    held = [file.path for file in plan.make(module).files if file.data is not None]
    assert not [path for path in held if path.startswith("media/")]


def test_only_files_used_by_the_pages_are_included(module: Module) -> None:
    assert "media/market.svg" not in paths(plan.make(module, languages=["en"]))


@pytest.mark.parametrize(
    ("wanted", "languages", "pages"),
    [
        ((), ("es", "en", "ar"), ("index.html", "en.html", "ar.html")),
        (("en", "es"), ("es", "en"), ("index.html", "en.html")),
        (("ar",), ("ar",), ("index.html",)),
        (("ar", "en"), ("en", "ar"), ("index.html", "ar.html")),
        (("es_AR", "es"), ("es",), ("index.html",)),
    ],
)
def test_languages(
    module: Module, wanted: tuple[str, ...], languages: tuple[str, ...], pages: tuple[str, ...]
) -> None:
    planned = plan.make(module, languages=wanted)
    assert planned.languages == languages
    assert paths(planned)[: len(pages)] == pages
    assert paths(planned)[len(pages)] == "minga.css"


def test_a_language_that_the_module_lacks_is_refused(module: Module) -> None:
    with pytest.raises(plan.PlanError, match="market is not written in qu, de; it has es, en, ar"):
        plan.make(module, languages=["qu", "es", "de"])


def test_an_unknown_media_file_is_refused(module: Module) -> None:
    lacking = replace(module, files=tuple(f for f in module.files if f.path != "media/film.mp4"))
    with pytest.raises(plan.PlanError, match=r"refers to media/film\.mp4"):
        plan.make(lacking)


def test_the_stylesheet_is_the_pages_own_with_the_rules_of_packages(module: Module) -> None:
    styles = next(file for file in plan.make(module).files if file.path == "minga.css")
    assert styles.data is not None
    assert b"--accent" in styles.data
    assert b".session" in styles.data


def test_each_section_sco_lists_its_own_files(module: Module) -> None:
    planned = plan.make(module, per_section=True)
    own = {sco.id: sco.files for sco in planned.scos}
    assert own["introduction"] == (
        "introduction.html",
        "introduction.en.html",
        "introduction.ar.html",
        "media/market.svg",
    )
    assert own["readings"][3:] == ("media/guide.pdf",)
    assert own["discussion"][3:] == ()
    assert planned.shared == ("minga.css", "icon.svg", "runtime.js")
    everything = {path for files in own.values() for path in files} | set(planned.shared)
    assert sorted(paths(planned)) == sorted(everything)
    assert planned.launch == "introduction.html"


def test_a_file_used_by_two_sections_is_included_once(tmp_path: Path) -> None:
    folder = write_module(tmp_path)
    with (folder / "es/discussion.md").open("a") as page:
        page.write("\n![mercado](../media/market.svg)\n")
    planned = plan.make(read(folder), per_section=True)
    assert [sco.id for sco in planned.scos if "media/market.svg" in sco.files] == [
        "introduction",
        "discussion",
    ]
    assert paths(planned).count("media/market.svg") == 1


def test_the_whole_module_is_one_sco_with_everything(module: Module) -> None:
    planned = plan.make(module)
    (sco,) = planned.scos
    assert (sco.id, sco.launch, sco.files) == ("", "index.html", paths(planned))
    assert planned.shared == ()
