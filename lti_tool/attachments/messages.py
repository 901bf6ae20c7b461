"""Texts of the reasons for which a file cannot be attached."""

from courseware.i18n import Interface
from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.images import MAX_PIXELS
from lti_tool.attachments.service import MAX_FILES, MAX_SIZE


def message_for(ui: Interface, error: AttachmentError) -> str:
    """Explain an error in the reader's language: which file, the reason, and what to do."""
    gettext = ui.gettext
    name = error.name
    match error.reason:
        case Reason.EMPTY:
            return gettext("The file “%(name)s” is empty. Choose another one.", name=name)
        case Reason.TOO_LARGE:
            return gettext(
                "The file “%(name)s” is too large: the limit is %(most)s. Attach a smaller one, or "
                "a link to it.",
                name=name,
                most=ui.size(MAX_SIZE),
            )
        case Reason.TOO_MANY:
            return gettext(
                "A post can have %(most)s files. Remove one before you attach another.",
                most=ui.number(MAX_FILES),
            )
        case Reason.OLD_OFFICE:
            return gettext(
                "The file “%(name)s” has an old office format. Save it as .docx, .xlsx, .pptx or "
                "PDF, and attach that.",
                name=name,
            )
        case Reason.MACROS:
            return gettext(
                "The file “%(name)s” contains macros. Save it without macros or as PDF, and "
                "attach that.",
                name=name,
            )
        case Reason.PHONE_PICTURE:
            return gettext(
                "The picture “%(name)s” has a format (HEIC or AVIF) that many devices cannot show. "
                "Save it as JPEG, and attach that.",
                name=name,
            )
        case Reason.BROKEN_PICTURE:
            return gettext(
                "The picture “%(name)s” cannot be read. Open it on your device, save it again as "
                "JPEG or PNG, and attach that.",
                name=name,
            )
        case Reason.PICTURE_TOO_LARGE:
            return gettext(
                "The picture “%(name)s” has too many pixels: the limit is %(most)s million. Reduce "
                "its size, and attach that.",
                name=name,
                most=ui.number(MAX_PIXELS // 1_000_000),
            )
        case Reason.UNKNOWN_FILE:
            return gettext("That file is no longer attached.")
        case Reason.UNKNOWN_TYPE:
            return gettext(
                "The file “%(name)s” cannot be attached. Pictures (JPEG, PNG, WebP, GIF), PDF and "
                "office documents (.docx, .xlsx, .pptx, .odt, .ods, .odp) can.",
                name=name,
            )
