"""The city's acceptance (验收) of a renovation, led by the city's industry bureau (notice 二(五)).

Judged from the angles that the rule book names: effect in use, data linked through, return on investment, reform of
management. Passing also needs the level that the notice demands (二(二)) and a clean check of the finances.
Results: passed, rectify (mend and be judged again), failed. A delivery confirmed by the enterprise comes first.
"""
