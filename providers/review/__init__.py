"""From closed call to decision (notice 二(四)): condition check, panel, ranking, proposal, public notice, decision.

The machine checks first: pass, fail, or for a person to decide; an officer may decide otherwise, with a reason. The
qualified go before a panel drawn at random. Equal totals are parted by the criteria the call names; who is still
equal shares the place, and all who share the last place are proposed. Who proposes does not decide.
"""
