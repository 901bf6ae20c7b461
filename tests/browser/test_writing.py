"""Writing a post in a real browser: formatting, files, names, reactions, waiting offline."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from lti_tool.attachments.model import Attachment
from lti_tool.discussion.model import Post, PostMention
from tests.browser.live_pages import BOX, enter_again, write
from tests.lti_tool.attachments.files import PDF, picture
from tests.support.chromium import OpenPage
from tests.support.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def page(home: Site, open_page: OpenPage) -> Page:
    with home.tool.database.write_core() as connection:  # what the test before has left
        connection.exec_driver_sql("DELETE FROM drafts")
        connection.exec_driver_sql("DELETE FROM attachments WHERE post_id IS NULL")
    opened = open_page()
    enter_again(opened, home)
    return opened


def number(home: Site, text: str) -> int:
    with home.tool.database.read() as session:
        found = select(func.count()).select_from(Post).where(Post.source.contains(text))
        return session.scalar(found) or 0


FORMATS = [
    ("bold", "", "**{}**"),
    ("italic", "ciudad", "*ciudad*"),
    ("code", "ciudad", "`ciudad`"),
    ("quote", "una\ndos", "> una\n> dos"),
    ("list", "una\ndos", "- una\n- dos"),
    ("link", "ciudad", "[ciudad](https://)"),
]


def test_each_button_formats_the_selection_and_can_be_undone(page: Page) -> None:
    box = page.locator(BOX)
    for kind, before, after in FORMATS:
        box.fill(before)
        box.select_text()
        button = page.locator(f"[data-format={kind}]")
        button.click()
        expect(box).to_have_value(after.format(button.get_attribute("data-words")))
        expect(box).to_be_focused()
        page.keyboard.press("Control+z")
        expect(box).to_have_value(before)
    # The toolbar is one stop of the keyboard.
    page.locator("[data-format=bold]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-format=italic]")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("[data-format=code]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(box).to_be_focused()


def test_a_key_that_ends_a_word_of_an_input_method_sends_nothing(home: Site, page: Page) -> None:
    page.fill(BOX, "日本語で書く")
    event = "new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, isComposing: %s})"
    page.locator(BOX).evaluate(f"box => box.dispatchEvent({event % 'true'})")
    page.wait_for_timeout(300)
    assert number(home, "日本語で書く") == 0
    page.locator(BOX).evaluate(f"box => box.dispatchEvent({event % 'false'})")
    expect(page.locator("article.post", has_text="日本語で書く")).to_be_visible()
    assert number(home, "日本語で書く") == 1


def test_the_preview_appears_in_place_and_closes_without_text_and_when_it_is_published(
    home: Site, page: Page
) -> None:
    preview = page.locator("[data-preview]")
    page.fill(BOX, "Solo **vista** previa")
    page.click("[data-preview-button]")
    expect(preview.locator("strong")).to_have_text("vista")
    expect(preview).to_be_focused()
    assert number(home, "previa") == 0
    page.fill(BOX, "")
    expect(preview).to_be_hidden()
    page.fill(BOX, "Vista y publicada")
    page.click("[data-preview-button]")
    expect(preview).to_be_visible()
    page.click("[data-publish]")
    expect(page.locator("article.post", has_text="Vista y publicada")).to_be_visible()
    expect(preview).to_be_hidden()


def test_files_are_sent_when_they_are_chosen(home: Site, page: Page, tmp_path: Path) -> None:
    for name, content in (("mercado.jpg", picture()), ("acta.pdf", PDF), ("nota.txt", b"hola")):
        (tmp_path / name).write_bytes(content)
    files = [tmp_path / name for name in ("mercado.jpg", "acta.pdf", "nota.txt")]
    page.set_input_files("#composer-file", files)
    expect(page.locator("[data-attached] li")).to_have_count(2)
    expect(page.locator("#composer-error")).to_contain_text("nota.txt")
    page.locator("[data-attached] textarea").fill("Puestos del mercado")
    for _ in range(50):
        with home.tool.database.read() as session:
            if "Puestos del mercado" in session.scalars(select(Attachment.alt)).all():
                break
        page.wait_for_timeout(100)
    page.reload()  # the files belong to a draft without a text
    expect(page.locator("[data-attached] li")).to_have_count(2)
    expect(page.locator("[data-attached] textarea")).to_have_value("Puestos del mercado")
    page.fill(BOX, "Miren la foto")
    page.click("[data-publish]")
    post = page.locator("article.post", has_text="Miren la foto")
    image = post.locator("img[alt='Puestos del mercado']")
    expect(image).to_be_visible()
    page.wait_for_function("image => image.naturalWidth === 60", arg=image.element_handle())
    expect(page.locator("[data-attached]")).to_be_hidden()
    with page.expect_download() as download:
        post.locator("a[download]").click()
    assert download.value.suggested_filename == "acta.pdf"
    with home.tool.database.read() as session:
        assert session.scalar(select(func.count()).where(Attachment.post_id.is_(None))) == 0


def test_a_file_can_be_removed_again_and_moves_with_its_text_to_a_reply(
    home: Site, page: Page, tmp_path: Path
) -> None:
    write(home, "maria", "Respóndanme con archivos")
    page.reload()
    (tmp_path / "acta.pdf").write_bytes(PDF)
    page.set_input_files("#composer-file", tmp_path / "acta.pdf")
    page.locator("[name=remove_file]").click()
    expect(page.locator("[data-attached]")).to_be_hidden()
    expect(page.locator("#composer-file")).to_be_focused()
    page.set_input_files("#composer-file", tmp_path / "acta.pdf")
    expect(page.locator("[data-attached] li")).to_have_count(1)
    page.fill(BOX, "Aquí está el acta")
    post = page.locator("article.post", has_text="Respóndanme con archivos")
    post.locator("[data-reply-target]").click()
    expect(page.locator("[data-attached] li")).to_have_count(1)
    page.click("[data-publish]")
    answer = page.locator(".replies article.post", has_text="Aquí está el acta")
    expect(answer.locator("a[download]")).to_have_text("acta.pdf")


def test_a_name_is_completed_after_a_sign_and_moves_with_its_text_to_a_reply(
    home: Site, page: Page
) -> None:
    write(home, "maria", "Nómbrenme en la respuesta")
    page.reload()
    page.locator(BOX).press_sequentially("Gracias @mar")
    expect(page.locator("[role=option]")).to_have_count(1)
    name = page.locator("[role=option]").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_value(f"Gracias @{name} ")
    chosen = page.locator("[name=mentioned]").input_value()
    assert chosen
    post = page.locator("article.post", has_text="Nómbrenme en la respuesta")
    post.locator("[data-reply-target]").click()
    expect(page.locator("[name=mentioned]")).to_have_value(chosen)
    page.click("[data-publish]")
    expect(page.locator("bdi.mention")).to_have_text(f"@{name}")
    with home.tool.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PostMention)) == 1


def test_a_passage_is_quoted_in_a_reply_and_a_reaction_is_set_and_unset_in_place(
    home: Site, page: Page
) -> None:
    write(home, "maria", "Una frase larga. Y otra *frase*.")
    page.reload()
    post = page.locator("article.post", has_text="Una frase larga")
    select_passage = """element => {
      const text = element.querySelector('p').firstChild;
      window.getSelection().setBaseAndExtent(text, 0, text, 16);
    }"""
    post.locator(".says").evaluate(select_passage)
    post.locator("[data-quote-target]").click()
    expect(page.locator(BOX)).to_have_value("> Una frase larga.\n\n")
    page.locator("[data-cancel]").click()
    page.evaluate("window.getSelection().removeAllRanges()")
    post.locator(".reactions summary").click()
    button = post.locator("button[value=helpful]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    expect(post.locator(".reactions summary .meta")).to_contain_text("1")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_post_waits_on_the_device_and_is_sent_once(home: Site, page: Page) -> None:
    page.context.set_offline(True)
    page.fill(BOX, "Desde el bus")
    page.click("[data-publish]")
    waiting = page.locator("[data-waiting-posts] li")
    expect(waiting).to_contain_text("Desde el bus")
    expect(page.locator(BOX)).to_have_value("")
    assert number(home, "Desde el bus") == 0
    page.context.set_offline(False)
    expect(page.locator("article.post", has_text="Desde el bus")).to_be_visible()
    expect(waiting).to_have_count(0)
    assert number(home, "Desde el bus") == 1
    page.reload()
    expect(page.locator("article.post", has_text="Desde el bus")).to_be_visible()
    assert number(home, "Desde el bus") == 1


def test_a_waiting_post_can_be_taken_back(home: Site, page: Page) -> None:
    page.context.set_offline(True)
    page.fill(BOX, "Mejor no")
    page.click("[data-publish]")
    page.locator("[data-waiting-posts] button").nth(1).click()
    expect(page.locator(BOX)).to_have_value("Mejor no")
    expect(page.locator("[data-waiting-posts]")).to_be_hidden()
    page.context.set_offline(False)
    page.wait_for_timeout(500)
    assert number(home, "Mejor no") == 0
    page.fill(BOX, "")


def test_a_post_whose_answer_was_lost_stays_one_post(home: Site, page: Page) -> None:
    def lose_answer(route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/post?*", lose_answer, times=1)
    page.fill(BOX, "Una sola vez")
    page.click("[data-publish]")
    expect(page.locator("[data-waiting-posts] li")).to_contain_text("Una sola vez")
    assert number(home, "Una sola vez") == 1
    page.locator("[data-waiting-posts] button").first.click()
    expect(page.locator("article.post", has_text="Una sola vez")).to_have_count(1)
    expect(page.locator("[data-waiting-posts]")).to_be_hidden()
    assert number(home, "Una sola vez") == 1


def test_a_waiting_post_of_somebody_else_is_neither_shown_nor_sent(home: Site, page: Page) -> None:
    page.context.set_offline(True)
    page.fill(BOX, "De otra persona")
    page.click("[data-publish]")
    expect(page.locator("[data-waiting-posts] li")).to_have_count(1)
    change = """() => new Promise((resolve) => {
      const opening = indexedDB.open("minga", 1);
      opening.onsuccess = () => {
        const store = opening.result.transaction("waiting", "readwrite").objectStore("waiting");
        store.getAll().onsuccess = (event) => {
          for (const post of event.target.result) store.put({ ...post, scope: "1 module-4 999" });
          resolve();
        };
      };
    })"""
    page.evaluate(change)
    page.context.set_offline(False)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("[data-waiting-posts]")).to_be_hidden()
    assert number(home, "De otra persona") == 0
    stored = "indexedDB.databases().then((all) => all.length)"
    assert page.evaluate(stored) == 1
