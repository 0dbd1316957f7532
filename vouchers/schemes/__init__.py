"""Voucher schemes and how a subsidy is computed."""
