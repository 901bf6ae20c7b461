"""The benchmarks fill discussions in bulk; their posts are as the tool would have written them."""

import pytest
from sqlalchemy import delete, select

from benchmarks import filling
from lti_tool.discussion.model import DiscussionReader, PostWords
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


def test_filled_posts_have_the_words_of_written_posts(scene: Scene) -> None:
    ana = scene.launch_session()
    posts = [scene.post(ana, "radio comunitaria", question_id="who-buys") for _ in range(2)]
    with scene.database.write() as session:
        rows = select(PostWords.post_id, PostWords.block, PostWords.analyzer, PostWords.words)
        written = session.execute(rows.order_by(PostWords.post_id)).all()
        session.execute(delete(PostWords))
        session.execute(delete(DiscussionReader))
    filling.complete(scene.database, posts[0].discussion_id, [ana.user_id])
    with scene.database.read() as session:
        assert session.execute(rows.order_by(PostWords.post_id)).all() == written
