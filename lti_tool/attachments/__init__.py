"""Files that people attach to posts: checked, stored, and deleted when nothing refers to them."""
