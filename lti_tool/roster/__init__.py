"""The members of a course and their groups, as the LMS and its launches describe them."""
