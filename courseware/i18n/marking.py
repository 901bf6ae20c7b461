"""Mark messages for translation."""


def N_(message: str) -> str:  # noqa: N802 - gettext's usual name for this
    """Mark a message that is translated later, where it is shown."""
    return message
