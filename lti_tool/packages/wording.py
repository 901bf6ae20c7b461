"""Titles and descriptions of the package formats, in the instructor's language."""

from courseware.interface import Interface


def title(ui: Interface, name: str, standard: str) -> str:
    """Return a format's title: ``standard``, or its translation where it is not a proper name."""
    return ui.gettext("Website") if name == "website" else standard


def for_whom(ui: Interface, name: str) -> str:
    """Describe a format in one line; with a general text for an unknown format."""
    gettext = ui.gettext
    match name:
        case "scorm12":
            return gettext(
                "For nearly every LMS, Moodle among them: import it as a SCORM activity."
            )
        case "scorm2004-3" | "scorm2004-4":
            return gettext("For LMSs that ask for this edition. It can save longer answers.")
        case "cmi5":
            return gettext("For LMSs that ask for cmi5. It can save answers of any length.")
        case "cc11":
            return gettext("For Moodle: restore it as a course whose parts can be rearranged.")
        case "cc13":
            return gettext(
                "For Canvas, Brightspace and others: import it as parts of a course "
                "that can be rearranged."
            )
        case "website":
            return gettext("For any web server or a folder on a disk, with no LMS at all.")
        case "epub":
            return gettext("For reading on a phone, a tablet or an e-reader, with no LMS at all.")
        case "print":
            return gettext("For printing, or reading on any device.")
    return gettext("For any program that opens this kind of file.")
