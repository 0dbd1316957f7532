"""An enterprise asks for a voucher: the pilot office looks first, the city decides, and its word issues the voucher.

The same checks stand before the enterprise that asks and the office that decides. What is sent back comes with a note
to each field, and is corrected on the same form.
"""
