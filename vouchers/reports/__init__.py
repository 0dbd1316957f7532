"""Reports that check spending against the subsidy categories (notice 四(二))."""
