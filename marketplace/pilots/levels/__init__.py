"""Digital levels, kept as history (notice 二(二))."""
