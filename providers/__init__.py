"""How applicants are chosen in public, and stay chosen (notice 二(四))."""
