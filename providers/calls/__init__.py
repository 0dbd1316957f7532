"""Calls for applicants (notice 二(四))."""
