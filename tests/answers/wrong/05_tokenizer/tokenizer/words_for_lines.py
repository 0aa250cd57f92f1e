"""A file is split where there is white space, which takes care of the ends of lines as well.

caught by: test_lines_of_a_file
reads: a document is a line, not a word
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        return file.read().split()
