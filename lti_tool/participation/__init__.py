"""Who takes part in a discussion: pages, plots and downloads for instructors."""
