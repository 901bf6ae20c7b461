"""Launch sessions: cookie, page token, current user and role, guards."""
