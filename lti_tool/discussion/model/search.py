"""The index of the search."""

from sqlalchemy import DDL, ForeignKey, Index, String, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base


class PostWords(Base):
    """The words by which the search finds a post (``search_words``): a row for each with a text.

    - ``discussion_id``: that of the post. No foreign key: when discussions are merged, the old
      value shows that the words must be made again (``search_index.index_missing``).
    - ``block``: part of the discussion. The search reads one after another, the newest first.
    - ``analyzer``: version of the rules that made the words.
    - ``words``: separated by spaces, each after discussion and block: ``12.3.word``; and the
      question that the post answers, ``12.3.=question-id``.

    In SQLite, triggers copy the words to the full-text index ``post_words_fts``.
    """

    __tablename__ = "post_words"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    discussion_id: Mapped[int]
    block: Mapped[int]
    analyzer: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


# Without the list of pending entries: the search would have to read all of it.
Index(
    "ix_post_words_words",
    PostWords.words,
    postgresql_using="gin",
    postgresql_with={"fastupdate": "off"},
).ddl_if(dialect="postgresql")

_TO_INDEX = "INSERT INTO post_words_fts(rowid, words) VALUES (new.post_id, new.words);"
_FROM_INDEX = (
    "INSERT INTO post_words_fts(post_words_fts, rowid, words) "
    "VALUES ('delete', old.post_id, old.words);"
)
for _statement in (
    "CREATE VIRTUAL TABLE post_words_fts USING fts5(words, content='post_words', "
    "content_rowid='post_id', detail='none', tokenize=\"ascii tokenchars '.=-'\")",
    f"CREATE TRIGGER post_words_insert AFTER INSERT ON post_words BEGIN {_TO_INDEX} END",
    f"CREATE TRIGGER post_words_delete AFTER DELETE ON post_words BEGIN {_FROM_INDEX} END",
    f"CREATE TRIGGER post_words_update AFTER UPDATE ON post_words BEGIN {_FROM_INDEX} "
    f"{_TO_INDEX} END",
):
    event.listen(PostWords.__table__, "after_create", DDL(_statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
