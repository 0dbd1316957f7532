"""Who may sell in a city (notice 二(四))."""
