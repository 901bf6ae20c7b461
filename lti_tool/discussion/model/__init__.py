"""Tables of discussions, posts, their counts, and what is stored about each reader.

A discussion belongs to a resource link and a module, or to a module and all courses of an
institution or of an exchange that share it. The numbers of published posts are stored in
``discussion_counts`` and ``thread_facets``, so that no page counts posts. Only ``writer`` changes
them.
"""

from lti_tool.discussion.model.counts import AuthorCount, DayCount, DiscussionCount, ThreadFacet
from lti_tool.discussion.model.discussions import (
    AnyDiscussion,
    Discussion,
    LockedDiscussion,
)
from lti_tool.discussion.model.drafts import SavedDraft
from lti_tool.discussion.model.imports import AnswerUpload, ImportedPost
from lti_tool.discussion.model.mentions import PostMention
from lti_tool.discussion.model.moderation import (
    HiddenPost,
    PendingEdit,
    PostReport,
    ReportedPost,
    ThreadMove,
)
from lti_tool.discussion.model.posts import Post, PostVersion
from lti_tool.discussion.model.reactions import PostReaction, ReactionCount
from lti_tool.discussion.model.readers import DiscussionReader, ThreadRead
from lti_tool.discussion.model.search import PostWords
from lti_tool.discussion.model.summaries import SummaryText, SummaryVersion
from lti_tool.discussion.model.translations import PostTranslation

__all__ = [
    "AnswerUpload",
    "AnyDiscussion",
    "AuthorCount",
    "DayCount",
    "Discussion",
    "DiscussionCount",
    "DiscussionReader",
    "HiddenPost",
    "ImportedPost",
    "LockedDiscussion",
    "PendingEdit",
    "Post",
    "PostMention",
    "PostReaction",
    "PostReport",
    "PostTranslation",
    "PostVersion",
    "PostWords",
    "ReactionCount",
    "ReportedPost",
    "SavedDraft",
    "SummaryText",
    "SummaryVersion",
    "ThreadFacet",
    "ThreadMove",
    "ThreadRead",
]
