"""Calls for applicants (notice 二(四)): a city looks for providers in public, by conditions and a scoring table.

States: draft, open (published), closed, reviewing, in_publicity, cleared, decided; cancelled. Applications are taken
from the first to the last second (Asia/Shanghai) of the published period, whatever the state machine's jobs do.
"""
