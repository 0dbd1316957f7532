"""How a subsidy becomes a payment, and how that is proved (notice 四)."""
