"""The gettext marker for messages that are translated where they are shown."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a message for extraction; return it unchanged."""
    return message
