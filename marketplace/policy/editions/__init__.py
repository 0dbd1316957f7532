"""Published editions of rule books."""
