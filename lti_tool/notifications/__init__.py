"""Notices of new posts: mail, digests, private feeds, and what each person chose."""
