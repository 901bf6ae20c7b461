"""A small LTI 1.3 Advantage platform, to try the tool with no LMS at hand. Loopback only."""
