"""A small LTI 1.3 Advantage platform, for trying out the tool without an LMS. Loopback only."""
