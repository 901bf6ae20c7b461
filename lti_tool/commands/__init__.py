"""The parts of the ``lti-tool`` command."""
