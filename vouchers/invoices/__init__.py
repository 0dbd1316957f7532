"""Invoices and the three-way match."""
