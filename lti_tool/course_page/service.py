"""Collect what the page of a course and its download show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from courseware import parts
from courseware.i18n import Interface
from courseware.languages import choose, direction
from courseware.library import Library
from lti_tool.discussion import course_overview
from lti_tool.discussion.course_overview import ActivityOverview
from lti_tool.discussion.participation import Participation
from lti_tool.discussion.permissions import in_time_zone
from lti_tool.gradebook.activities import grading_of
from lti_tool.gradebook.settings import GradeSettings
from lti_tool.participation import totals
from lti_tool.participation.service import csv_line
from lti_tool.participation.totals import CourseNumbers
from lti_tool.roster.queries import learners_count
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database

PAGE_SIZE = 50
"""Activities on a page, and of one batch of a download."""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity in the table. The dates of its discussion are in the discussion's time zone."""

    overview: ActivityOverview
    numbers: CourseNumbers
    grading: GradeSettings
    here: bool
    """The session's own activity."""

    @property
    def opens_at(self) -> datetime | None:
        """When the discussion opens."""
        return self._moment(self.overview.settings.opens_at)

    @property
    def closes_at(self) -> datetime | None:
        """When the discussion closes."""
        return self._moment(self.overview.settings.closes_at)

    def _moment(self, moment: datetime | None) -> datetime | None:
        return in_time_zone(moment, self.overview.settings) if moment else None


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A page of the activities of a course, ``more`` if others follow.

    ``people``: number of participants of the course.
    """

    rows: tuple[ActivityRow, ...]
    more: bool
    people: int = 0

    @property
    def last_id(self) -> int:
        """The id after which the next page begins."""
        return self.rows[-1].overview.resource_link_id if self.rows else 0

    @property
    def outdated(self) -> list[tuple[Participation, str]]:
        """What the worker has to count, as ``totals.request_counts`` takes it."""
        return [_counted(row.overview) for row in self.rows if row.numbers.is_old]


def course_page(
    connection: Connection, launch_session: CurrentSession, library: Library, *, after: int = 0
) -> CoursePage:
    """Return a page of the activities of the session's course. Takes at most seven statements."""
    found = course_overview.activities(
        connection, launch_session, library, after=after, limit=PAGE_SIZE + 1
    )
    shown = found[:PAGE_SIZE]
    if not shown or launch_session.course_id is None:
        return CoursePage((), more=False)
    people = learners_count(connection, launch_session.course_id)
    counted = {each.resource_link_id: _counted(each) for each in shown}
    numbers = totals.numbers_by_activity(connection, launch_session.course_id, people, counted)
    grading = grading_of(connection, list(counted))
    rows = tuple(
        ActivityRow(
            overview=each,
            numbers=numbers[each.resource_link_id],
            grading=grading[each.resource_link_id],
            here=each.resource_link_id == launch_session.resource_link_id,
        )
        for each in shown
    )
    return CoursePage(rows, more=len(found) > PAGE_SIZE, people=people)


def _counted(overview: ActivityOverview) -> tuple[Participation, str]:
    return overview.scope, overview.module_id or ""


@dataclass(frozen=True, slots=True)
class ModuleName:
    """The module of an activity, or the part of it that the activity shows, in one language."""

    text: str
    lang: str
    dir: str


def module_name(overview: ActivityOverview, languages: Sequence[str | None]) -> ModuleName | None:
    """Return the name of an activity's module in the reader's language; None without a module."""
    module = overview.module
    if module is None:
        return None
    source = module.source_language
    lang = choose(languages, module.languages, source)
    title = module.titles.get(lang) or module.titles[source]
    section = parts.section_of(module, overview.part)
    if section is not None:
        title = f"{section.titles.get(lang) or section.titles[source]} – {title}"
    return ModuleName(title, lang, direction(lang))


def csv_lines(
    database: Database,
    launch_session: CurrentSession,
    library: Library,
    ui: Interface,
    languages: Sequence[str | None],
) -> Iterator[str]:
    """Yield the lines of a CSV file for spreadsheets; memory is bounded."""
    gettext = ui.gettext
    header = [
        gettext("Activity"), gettext("Module"), gettext("Opened the activity"),
        gettext("Read in the discussion"), gettext("Wrote in the discussion"),
        gettext("New posts"), gettext("Waiting for approval"), gettext("Reported posts"),
        gettext("Graded activity"), gettext("Opens (UTC)"), gettext("Closes (UTC)"),
        gettext("Due (UTC)"), gettext("URL in the LMS"),
    ]  # fmt: skip
    yield "\ufeff" + csv_line(header)
    after: int | None = 0
    while after is not None:
        with database.read_core() as connection:
            page = course_page(connection, launch_session, library, after=after)
        for row in page.rows:
            overview = row.overview
            name = module_name(overview, languages)
            yield csv_line(
                [
                    overview.title or "", name.text if name else overview.module_id or "",
                    *(row.numbers.reach or ("", "", "")), overview.new, overview.waiting,
                    overview.reported, gettext("yes") if row.grading.graded else gettext("no"),
                    _in_utc(row.opens_at), _in_utc(row.closes_at), _in_utc(row.grading.due_at),
                    overview.activity_url or "",
                ]
            )  # fmt: skip
        after = page.last_id if page.more else None


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
