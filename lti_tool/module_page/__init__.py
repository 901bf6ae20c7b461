"""The page of a module in the LMS, and the progress of each user."""
