"""What instructors lead a discussion with: moderation, settings, groups, archives."""
