"""Awards, receipts, lines and where a pilot stands (notice 四)."""
