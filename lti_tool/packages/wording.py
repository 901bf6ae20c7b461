"""Which LMS a format is for, in the instructor's language."""

from courseware.i18n import Interface


def for_whom(ui: Interface, name: str) -> str:
    """One line about a format; a general one where nothing particular is known of it."""
    words = ui.gettext
    match name:
        case "scorm12":
            return words("For nearly every LMS, Moodle among them: import it as a SCORM activity.")
        case "scorm2004-3" | "scorm2004-4":
            return words("For LMSs that ask for this edition; it keeps longer answers.")
        case "cmi5":
            return words("For LMSs that ask for cmi5; it keeps answers of any length.")
        case "cc11":
            return words("For Moodle: restore it as a course whose parts can be rearranged.")
        case "cc13":
            return words(
                "For Canvas, Brightspace and others: import it as parts of a course "
                "that can be rearranged."
            )
        case "website":
            return words("For any web server or a folder on a disk, with no LMS at all.")
        case "epub":
            return words("For reading on a phone, a tablet or an e-reader, with no LMS at all.")
    return words("For whatever takes this kind of file.")
