"""The pages on which an administrator sees and decides what Minga does at an institution."""
