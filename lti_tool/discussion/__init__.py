"""The discussion of a module: threads, posts, replies, languages."""
