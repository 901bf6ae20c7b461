"""The page of a module inside the LMS, and the progress of its readers."""
