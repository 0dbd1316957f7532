"""Spending sheets of bureaus that keep their books elsewhere: read, judged by the one engine, answered. No database.

Serves 四(二): whoever spends the money can see at any time whether the shares hold.
"""
