"""The line item of one column while its grades are sent, and what is stored about it."""

from typing import Any

from sqlalchemy import update

from lti_tool.directory.model import ResourceLink
from lti_tool.gradebook import line_items
from lti_tool.gradebook.line_items import Wanted
from lti_tool.gradebook.model import GradeColumn
from lti_tool.gradebook.problems import ColumnProblem, Pause, Problem, pause_for
from lti_tool.gradebook.settings import DEFAULT_MAXIMUM
from lti_tool.lti.ags.line_items import read_line_item
from lti_tool.lti.launch import GradeService
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.storage.database import Database


class ColumnLineItem:
    """The line item of a column. ``column`` is the stored row, kept up to date."""

    def __init__(
        self,
        database: Database,
        connector: PlatformConnector,
        column: GradeColumn,
        link: ResourceLink,
    ) -> None:
        self._database = database
        self._connector = connector
        self._link = link
        self.column = column
        self.service = GradeService(
            link.line_items_url, link.line_item_url, connector.registration.scopes
        )

    def claimed(self) -> str | None:
        """The line item of the launch, unless the LMS no longer has it."""
        url = self._link.line_item_url if self.column.kind == "activity" else None
        return None if url == self.column.gone_url else url

    def url(self) -> str:
        """The URL of the line item, which is found, created or changed where needed.

        Raises ServiceError, ColumnProblem and Pause.
        """
        column = self.column
        url = self.claimed() or column.line_item_url
        item, created = None, False
        if url is None:
            item = line_items.find(
                self._connector, self.service, self._wanted(), gone=column.gone_url
            )
            if item is None and column.gone_url is not None:
                raise ColumnProblem(Problem.DELETED)
            if item is None:
                item = line_items.create(self._connector, self.service, self._wanted())
                created = True
            url = item.id
            assert url is not None
        try:
            if column.changed and not created:
                item = line_items.change(self._connector, self.service, url, self._wanted())
            elif item is None and not column.line_item_maximum:
                item = read_line_item(self._connector, self.service, url)
        except ServiceError as error:
            if error.status in (404, 410):
                self.check_exists(url)
            # Only a score may be granted: then the column's own maximum is sent.
            elif error.status is not None or error.is_retriable:
                raise
        values: dict[str, Any] = {"line_item_url": url}
        if item is not None:
            values["line_item_maximum"] = item.score_maximum
        if item is None or item.score_maximum:
            values["changed"] = ""
        if any(getattr(column, name) != value for name, value in values.items()):
            self.store(**values)
        if column.line_item_maximum is not None and column.line_item_maximum <= 0:
            raise ColumnProblem(Problem.UNGRADED)
        return url

    def _wanted(self) -> Wanted:
        column = self.column
        return Wanted(
            kind=column.kind,
            lti_resource_link_id=self._link.lti_resource_link_id,
            label=column.label or self._link.title or "",
            maximum=column.maximum or DEFAULT_MAXIMUM,
            due_at=column.due_at,
            released=column.released,
            changed=frozenset(column.changed.split()),
        )

    def check_exists(self, url: str) -> None:
        """After a 404: return if the line item exists nevertheless.

        Else look for it elsewhere: raises ColumnProblem, or Pause to try it there at once.
        """
        try:
            read_line_item(self._connector, self.service, url)
        except ServiceError as error:
            if error.status not in (404, 410):
                raise pause_for(error) from error
        else:
            return
        try:
            item = line_items.find(self._connector, self.service, self._wanted())
        except ServiceError as error:
            # The whole course may be closed for the tool: that says nothing about the line item.
            raise pause_for(error) from error
        except ColumnProblem:
            item = None
        if item is not None and item.id == url:
            raise Pause(Problem.UNREACHABLE)
        if item is None:
            self.store(line_item_url=None, gone_url=url)
            raise ColumnProblem(Problem.DELETED)
        self.store(line_item_url=item.id, gone_url=url, line_item_maximum=item.score_maximum)
        raise Pause(Problem.UNREACHABLE, 1)

    def store(self, **values: Any) -> None:
        """Store values of the column."""
        with self._database.write() as session:
            session.execute(
                update(GradeColumn).where(GradeColumn.id == self.column.id).values(**values)
            )
        for name, value in values.items():
            setattr(self.column, name, value)
