"""Settlement: approved claims of one fund become a batch, another person releases it, the bank pays and answers.

Maker and checker are two persons, whatever they act as. Accounts are pinned when a claim enters a batch and must be
the active ones still when it is released (四(一): nothing is paid that has not arrived). The payment file is written
once per batch, as a sheet and as ISO 20022 pain.001; the bank's return file (a sheet, or a statement camt.053) is read
as one act, or refused line by line. What the bank pays after it had refused is kept from being paid again.
"""
