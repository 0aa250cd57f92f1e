"""`grader audit`: how well a course's suites tell wrong programs from right ones. Trusted side.

mutants.py makes wrong programs out of the solutions; trial.py runs the hidden and the public suite on one of them, in
the jail; public.py is the process that does the latter; equivalents.py knows the mutants that are no worse than the
solution, from a list that people keep; verdict.py counts, and report.py writes what was found.
"""
