"""Background tasks of notices."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from lti_tool.discussion.announcements import POSTED
from lti_tool.notifications import digests
from lti_tool.notifications.addresses import CONFIRM
from lti_tool.notifications.confirmation import send_confirmation
from lti_tool.notifications.delivery import Delivery
from lti_tool.notifications.expansion import expand
from lti_tool.notifications.model import DIGEST, MAIL
from lti_tool.settings import Settings
from lti_tool.tasks.outbox import Handler


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers. Without a mail server, what waits stays until there is one."""
    if not settings.sends_mail:
        return {POSTED: lambda _database, _payload: None}
    delivery = Delivery(settings)
    return {
        POSTED: partial(expand, timedelta(seconds=settings.mail_delay)),
        MAIL: delivery.deliver,
        DIGEST: partial(digests.deliver, delivery),
        CONFIRM: partial(send_confirmation, settings, delivery),
    }
