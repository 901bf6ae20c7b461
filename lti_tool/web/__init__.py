"""What every feature shares about HTTP: visits, pages, errors, headers. No feature logic."""
