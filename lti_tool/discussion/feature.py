"""The declaration of the feature."""

from courseware.i18n.marking import N_
from lti_tool.discussion import (
    draft_views,
    file_views,
    mention_views,
    permalink_views,
    reaction_views,
    reading_views,
    search_views,
    summary_views,
    tasks,
    translation_views,
    views,
)
from lti_tool.discussion.commands import discussion
from lti_tool.discussion.imports import answer_views
from lti_tool.discussion.imports.commands import answers
from lti_tool.discussion.moderation import (
    audience_views,
    group_views,
    log,
    log_details,
    pages,
    queue_views,
    settings_views,
)
from lti_tool.discussion.moderation import views as moderation_views
from lti_tool.discussion.personal_data import PERSONAL_DATA
from lti_tool.discussion.requests import blueprint
from lti_tool.feature import Feature
from lti_tool.sessions.navigation import NavigationEntry

# The view modules add their routes to one blueprint.
_VIEWS = (
    views,
    reading_views,
    search_views,
    draft_views,
    file_views,
    mention_views,
    reaction_views,
    summary_views,
    translation_views,
    moderation_views,
    queue_views,
    settings_views,
    audience_views,
    group_views,
    answer_views,
)

FEATURE = Feature(
    name="discussion",
    blueprints=(permalink_views.blueprint,),
    session_blueprints=(blueprint,),
    navigation=(
        NavigationEntry(
            N_("Moderation"),
            "discussion.queue",
            available=pages.has_discussion,
            count=pages.number_waiting,
        ),
        NavigationEntry(
            N_("Discussion settings"), "discussion.settings", available=pages.has_discussion
        ),
    ),
    models="lti_tool.discussion.model",
    task_handlers=lambda _settings: tasks.handlers,
    purge=tasks.purge,
    commands=(discussion, answers),
    personal_data=PERSONAL_DATA,
    acts=log.ACTS,
    details=log_details.DETAILS,
)
