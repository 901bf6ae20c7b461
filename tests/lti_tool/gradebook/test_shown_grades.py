"""What the page says about grades that the platform treats in its own way."""

from gettext import NullTranslations

from courseware.i18n import Interface
from lti_tool.gradebook import rules
from lti_tool.gradebook.presenter import state_text
from tests.lti_tool.gradebook.conftest import Gradebook
from tests.lti_tool.lti.local_server import Asked, Reply


def shown(book: Gradebook, user_id: int) -> str:
    """What the page says about the grade of a person."""
    return state_text(Interface("en", NullTranslations()), book.grade(user_id))


def test_a_score_that_is_accepted_and_not_shown(book: Gradebook) -> None:
    """As in Moodle, where a grade that was emptied stays overridden, and ignores scores."""
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    assert shown(book, ana).startswith("Sent on ")
    assert "has no grade" not in shown(book, ana)

    def emptied(asked: Asked, what: str) -> Reply | None:
        return Reply([]) if what == "results" else None

    book.platform.after = emptied
    book.give(ana, 6)
    book.work()
    grade = book.grade(ana)
    assert (grade.state, grade.result_points) == ("sent", None)
    assert "has no grade" in shown(book, ana)


def test_a_grade_that_the_lms_no_longer_lists(book: Gradebook) -> None:
    """As after the course was reset in Moodle."""
    ana, bo = book.join("ana"), book.join("bo")
    book.give(ana, 5)
    book.give(bo, 6)
    book.work()
    book.platform.cells.pop(("made1", "ana"))
    with book.database.write() as session:
        rules.request_results(session, book.link_id)
    book.work()
    assert (book.grade(ana).result_points, book.grade(bo).result_points) == (None, 6)


def test_a_list_that_is_not_complete_clears_nothing(book: Gradebook) -> None:
    ana = book.join("ana")
    book.give(ana, 5)
    book.work()
    link = '<http://elsewhere.example/2>; rel="next"'
    book.platform.after = lambda asked, what: (
        Reply([], headers={"Link": link}) if what == "results" else None
    )
    with book.database.write() as session:
        rules.request_results(session, book.link_id)
    book.work()
    assert book.grade(ana).result_points == 5
