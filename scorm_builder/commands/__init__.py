"""The parts of the ``scorm-builder`` command, one file for each subcommand."""
