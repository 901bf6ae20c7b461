"""LTI 1.3 Advantage, free of the web framework and of the database."""
