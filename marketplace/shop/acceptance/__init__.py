"""The city's acceptance of a renovation (notice 二(五))."""
