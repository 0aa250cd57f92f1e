"""The trusted side of one submission: workers, the pytest session with the `check` fixture, outcomes."""
