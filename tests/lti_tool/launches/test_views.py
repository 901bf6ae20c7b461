"""Launches over HTTP: which messages open a page. Invalid launches are in tests/hostile."""

from demo_lms.vocabulary import AGS_ENDPOINT, DATA_PRIVACY, SUBMISSION_REVIEW
from tests.support.site import Site


def test_a_message_without_a_resource_link_is_refused(home: Site) -> None:
    for user in ("akua", "maria"):
        page = home.browser().launch(user, message_type=DATA_PRIVACY, for_user="p-7302")
        assert page.status_code == 400
        assert "wrong_message_type" in page.text


def test_a_submission_review_opens_the_page_of_its_resource_link(home: Site) -> None:
    [graded] = [one for one in home.lms.state.resource_links.values() if one.line_item_id]
    page = home.browser().launch("maria", graded, message_type=SUBMISSION_REVIEW, for_user="p-7302")
    assert page.status_code == 200
    assert "data-section" in page.text


def test_a_line_items_url_of_any_length_opens_the_page(home: Site) -> None:
    for length in (1999, 2000, 2001, 2048, 2049):

        def change(claims, length=length):
            start = "https://lms.example.org/"
            claims[AGS_ENDPOINT]["lineitems"] = start + "a" * (length - len(start))

        assert home.browser().launch("joao", mutate=change).status_code == 200
