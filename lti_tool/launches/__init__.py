"""LTI login and launch: a verified launch opens a launch session."""
