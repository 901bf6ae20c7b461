"""What an instructor does: choose the module of a placement, place modules in a course."""
