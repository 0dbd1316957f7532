"""Pages: the door, one's own account, and the people of a place."""
