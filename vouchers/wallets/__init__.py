"""Vouchers in people's hands."""
