"""What nobody sees in one matter alone: money from elsewhere, and firms that belong together."""
