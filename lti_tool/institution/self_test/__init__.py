"""The self-test: what works between an LMS and this tool, and what to do about the rest."""
