"""A path is a Path.

caught by: test_lines_of_a_file
reads: 'str' object has no attribute 'read_text'
"""


def load_docs(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line.strip() for line in lines if line.strip()]
