"""What the module page stores about a person: the progress in each module."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.model import ResourceLink
from lti_tool.feature import Category, PersonalData, Rows
from lti_tool.module_page.model import Progress


def _progress(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(Progress, ResourceLink.title)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(Progress.user_id == user_id)
        .order_by(Progress.id)
    )
    return [
        {
            "activity": title,
            "module": progress.module_id,
            "sections_read": progress.seen.split(),
            "last_section": progress.last_section,
            "changed_at": progress.updated_at,
        }
        for progress, title in rows
    ]


def _erase(session: Session, user_id: int) -> None:
    session.execute(delete(Progress).where(Progress.user_id == user_id))


PERSONAL_DATA = PersonalData(
    tables={"progress": "progress"},
    categories=(
        Category(
            "progress",
            N_("Your progress"),
            N_("So that you can continue where you were. Stored as long as the activity."),
            _progress,
        ),
    ),
    erase=_erase,
)
