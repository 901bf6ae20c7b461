"""Texts of the reasons for which files and answers are left out, for pages and commands."""

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion.imports.records import Fault, Skipped
from lti_tool.discussion.text import MAX_LENGTH

_TEXTS = {
    Fault.EMPTY_FILE: N_("The file is empty."),
    Fault.TOO_LARGE: N_("The file is too large. Import it in parts."),
    Fault.TOO_MANY: N_("This is too much for one import. Import the rest afterwards."),
    Fault.UNKNOWN_FORMAT: N_(
        "This is neither a file of answers (JSON), nor the Interactions report of a SCORM activity "
        "in Moodle, nor an export of xAPI statements."
    ),
    Fault.SPREADSHEET: N_(
        "This is a spreadsheet. Download the report from Moodle in text format instead."
    ),
    Fault.ANSWERS_PAGE: N_(
        "This page of answers is for reading. Ask for the file that the package offers as "
        "“Download as data (JSON)”."
    ),
    Fault.BAD_ENCODING: N_("The letters of the file cannot be read. Store it as UTF-8."),
    Fault.CUT_OFF: N_("The end of the file is missing. Download it again."),
    Fault.INVALID: N_("The file is damaged, or was edited."),
    Fault.BAD_ZIP: N_("The zip is damaged or has a password."),
    Fault.OTHER_MODULE: N_("These are answers to the questions of another module."),
    Fault.NO_QUESTION_COLUMNS: N_(
        "The report does not say which response belongs to which question. In Moodle, tick the "
        "summary of the question among the display options, and download the report again."
    ),
    Fault.NO_ANSWERS: N_("There are no answers in the file."),
    Fault.NO_PERSON: N_("The file does not say whose answer this is."),
    Fault.UNKNOWN_QUESTION: N_("The module has no such question."),
    Fault.BLANK: N_("The answer is empty."),
    Fault.TOO_LONG: N_("The answer is longer than a post can be (%(most)s characters)."),
    Fault.TOO_COMPLEX: N_("The formatting of the answer is too complex."),
}


def explain(ui: Interface, skipped: Skipped) -> str:
    """Return why something is left out, in the reader's language."""
    return ui.gettext(_TEXTS[skipped.fault], most=ui.number(MAX_LENGTH))
