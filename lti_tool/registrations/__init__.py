"""What an institution does: register its LMS, approve deployments, switch the tool off."""
