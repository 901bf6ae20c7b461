"""Weekly summaries: written by instructors in several languages, read by participants."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from lti_tool.discussion import summaries
from lti_tool.discussion.model import SummaryText
from lti_tool.discussion.summaries import monday, parse_week
from lti_tool.discussion.text import MAX_LENGTH
from lti_tool.storage.database import now
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene, statements_of

WEEK = "2026-11-30"
PATH = f"summaries/{WEEK}"


@pytest.fixture
def pilar(scene: Scene, client: FlaskClient) -> Browser:
    return Browser(client, scene.launch_session("Pilar", instructor=True))


def save(browser: Browser, source: str, action: str = "publish", **fields: Any) -> Any:
    given = {"week": WEEK, "text": "es", "source": source, "action": action, "revision": "0"}
    return browser.send("summaries/edit", **{**given, **fields})


def pinned(browser: Browser, path: str = "") -> Any:
    found = tree(browser.get(path)).xpath("//section[contains(@class, 'summary')]")
    return found[0] if found else None


@pytest.mark.both_engines
def test_a_published_summary_is_at_the_top_in_the_readers_language(
    scene: Scene, pilar: Browser, ana: Browser
) -> None:
    scene.post(ana.launch_session)
    response = save(pilar, "Lo **nuevo**")
    assert response.status_code == 303
    assert response.location.endswith(f"{PATH}?text=es")
    save(pilar, "What is **new**", text="en")
    save(pilar, "الجديد", text="ar")
    for language, own, text in (
        ("en", "en", "What is new"),
        ("es", "es", "Lo nuevo"),
        ("ar", "ar", "الجديد"),
        ("pt", "es", "Lo nuevo"),
    ):
        section = pinned(ana, f"?lang={language}")
        (prose,) = section.xpath(".//*[@class='prose']")
        assert prose.text_content().strip() == text
        assert prose.get("lang", language) == own
        others = section.xpath(".//a[@hreflang]/@hreflang")
        assert sorted(others) == sorted({"es", "en", "ar"} - {own})
    link = pinned(ana, "?lang=en").xpath(".//a[@hreflang='ar']")[0].get("href")
    shown = one(ana.client.get(link), "//*[@class='prose']")
    assert (shown.get("lang"), shown.get("dir")) == ("ar", "rtl")


def test_the_languages_that_one_reads_count(scene: Scene, pilar: Browser, ana: Browser) -> None:
    scene.post(ana.launch_session)
    save(pilar, "Lo nuevo")
    save(pilar, "Du nouveau", text="fr")
    assert pinned(ana).text_content().count("Lo nuevo") == 1
    ana.send("list", posts=["fr"], remember="1")
    assert "Du nouveau" in pinned(ana).text_content()


def test_a_summary_can_be_written_before_the_first_post(pilar: Browser, ana: Browser) -> None:
    assert one(pilar.get(), "//p[@class='meta']/a[contains(@href, 'summaries')]") is not None
    save(pilar, "Bienvenida")
    assert "Bienvenida" in pinned(ana).text_content()


def test_the_latest_week_is_at_the_top_and_each_is_kept(pilar: Browser, ana: Browser) -> None:
    save(pilar, "La segunda", week="2026-12-10")
    save(pilar, "La primera")
    assert "La segunda" in pinned(ana).text_content()
    page = ana.get("summaries")
    links = tree(page).xpath("//main//li/a/@href")
    assert [link.split("/")[-1] for link in links] == ["2026-12-07?text=es", f"{WEEK}?text=es"]
    assert "La primera" in ana.get("summaries/2026-12-02").text


class TestDrafts:
    def test_only_instructors_see_them(
        self, scene: Scene, pilar: Browser, ana: Browser, client: FlaskClient
    ) -> None:
        response = save(pilar, "Un borrador", "draft")
        page = client.get(response.location)
        assert "Draft saved." in page.text
        assert one(page, "//textarea[@name='source']").text.strip() == "Un borrador"
        assert pinned(ana) is None
        assert ana.get(PATH).status_code == 404
        assert WEEK not in ana.get("summaries").text
        other = Browser(client, scene.launch_session("Otra", instructor=True))
        assert "Un borrador" in other.get(f"summaries/edit?week={WEEK}&text=es").text
        assert "Draft" in other.get("summaries").text

    def test_a_draft_of_a_published_text(self, pilar: Browser, ana: Browser) -> None:
        save(pilar, "Publicado")
        save(pilar, "Mejor", "draft", revision="1")
        assert "Publicado" in ana.get(PATH).text
        page = pilar.get(f"summaries/edit?week={WEEK}&text=es")
        assert one(page, "//textarea[@name='source']").text.strip() == "Mejor"
        assert "participants see the earlier text" in page.text
        save(pilar, "Mejor", revision="2")
        assert "Mejor" in ana.get(PATH).text
        assert "not published" not in pilar.get(f"summaries/edit?week={WEEK}&text=es").text

    def test_withdraw(self, pilar: Browser, ana: Browser) -> None:
        save(pilar, "Publicado")
        save(pilar, "Publicado", "withdraw", revision="1")
        assert ana.get(PATH).status_code == 404
        assert pinned(ana) is None
        page = pilar.get(f"summaries/edit?week={WEEK}&text=es")
        assert one(page, "//textarea[@name='source']").text.strip() == "Publicado"
        assert "Publicado" in pilar.get(f"{PATH}/history?text=es").text


def test_earlier_texts_are_shown_to_instructors(pilar: Browser, ana: Browser) -> None:
    for revision, text in enumerate(("Uno", "Dos", "Dos", "Tres")):
        save(pilar, text, revision=str(revision))
    page = pilar.get(f"{PATH}/history?text=es")
    assert tree(page).xpath("//pre/text()") == ["Dos", "Uno"]
    assert ana.get(f"{PATH}/history?text=es").status_code == 403
    assert pilar.get(f"{PATH}/history?text=fr").status_code == 404


@pytest.mark.both_engines
def test_two_instructors_do_not_overwrite_each_other(
    scene: Scene, pilar: Browser, client: FlaskClient
) -> None:
    save(pilar, "De Pilar")
    other = Browser(client, scene.launch_session("Otra", instructor=True))
    response = save(other, "De la otra")
    assert response.status_code == 409
    fields = {each.name: each for each in tree(response).xpath("//textarea[@name]")}
    assert fields["source"].text.strip() == "De la otra"
    assert one(response, "//textarea[@id='stored']").text.strip() == "De Pilar"
    revision = one(response, "//input[@name='revision']").get("value")
    assert save(other, "De las dos", revision=revision).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"source": "  "}, 400),
        ({"source": "a" * (MAX_LENGTH + 1)}, 413),
        ({"text": "not a language!"}, 400),
        ({"text": ""}, 400),
    ],
)
def test_what_was_typed_is_shown_again(pilar: Browser, fields: dict[str, str], status: int) -> None:
    response = save(pilar, **{"source": "Un texto", **fields})
    assert response.status_code == status
    typed = fields.get("source", "Un texto")
    assert one(response, "//textarea[@name='source']").text.strip() == typed.strip()
    assert one(response, "//*[@id='summary-error']").text_content().strip()


def test_participants_write_nothing(scene: Scene, ana: Browser, client: FlaskClient) -> None:
    guest = Browser(client, scene.launch_session(kind="guest"))
    for browser in (ana, guest):
        assert save(browser, "Intento").status_code == 403
        assert browser.get("summaries/edit").status_code == 403
        assert "summaries" not in browser.get().text
    assert scene.count(SummaryText) == 0


def test_must_post_first_and_dates_hold(scene: Scene, pilar: Browser, ana: Browser) -> None:
    save(pilar, "Un resumen")
    scene.settings_are(must_post_first=True)
    assert "Un resumen" not in ana.get().text
    assert ana.get(PATH).status_code == ana.get("summaries").status_code == 403
    scene.post(ana.launch_session)
    assert "Un resumen" in ana.get().text
    scene.settings_are(opens_at=now().replace(year=2999))
    assert "Un resumen" not in ana.get().text
    assert ana.get(PATH).status_code == 403


def test_a_summary_is_rendered_as_a_post(pilar: Browser, ana: Browser) -> None:
    save(pilar, "<script>alert(1)</script> [x](javascript:alert(1)) **b**\u202e")
    shown = one(ana.get(PATH), "//*[@class='prose']")
    assert not shown.xpath(".//script | .//a")
    assert shown.xpath(".//strong/text()") == ["b"]


def test_it_takes_one_statement(scene: Scene, pilar: Browser, ana: Browser) -> None:
    scene.post(ana.launch_session)
    database = ana.client.application.extensions["minga"].database
    with statements_of(database) as before:
        ana.get()
    for language in ("es", "en", "fr"):
        for week in range(1, 8):
            save(pilar, "Un resumen", text=language, week=f"2026-{week + 2:02}-01")
    with statements_of(database) as recorded:
        ana.get()
    assert len(recorded) == len(before) + 1
    with statements_of(database) as recorded:
        ana.get("summaries")
    assert len(recorded) <= 4


@pytest.mark.parametrize(
    ("value", "week"),
    [
        ("2026-11-30", date(2026, 11, 30)),
        ("2026-12-06", date(2026, 11, 30)),
        ("2027-01-01", date(2026, 12, 28)),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2026-02-30", None),
        ("x" * 5000, None),
        ("", None),
        (None, None),
    ],
)
def test_weeks_begin_on_monday(value: str | None, week: date | None) -> None:
    assert parse_week(value) == week
    assert week is None or monday(week) == week


@pytest.mark.parametrize("path", ["summaries/x", "summaries/2026-99-99", "summaries/x/history"])
def test_other_weeks_are_not_found(pilar: Browser, path: str) -> None:
    assert pilar.get(path).status_code == 404


def test_a_week_has_at_most_so_many_languages(scene: Scene, pilar: Browser) -> None:
    for number in range(summaries.MAX_TEXTS):
        save(pilar, "x", "draft", text=f"es-x-{number}")
    assert save(pilar, "x", text="fr").status_code == 400
