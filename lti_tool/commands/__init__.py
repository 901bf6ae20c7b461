"""What the commands of ``lti-tool`` share."""
