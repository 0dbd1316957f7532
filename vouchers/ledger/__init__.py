"""The money itself."""
