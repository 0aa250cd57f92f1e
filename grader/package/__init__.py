"""The grader and a course in the form in which other platforms run them. Trusted side."""
