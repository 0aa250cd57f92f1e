"""The untrusted side: what runs in the processes that run learner code. Standard library and `grader.wire` only."""
