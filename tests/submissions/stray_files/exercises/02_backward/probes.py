"""Named like a module of the grader's, by chance."""

raise RuntimeError("nobody should import this")
