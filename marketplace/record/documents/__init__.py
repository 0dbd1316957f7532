"""Files: hashed, typed by content, never served inline."""
