"""What every feature shares about HTTP: pages, errors, headers, limits. No feature logic."""
