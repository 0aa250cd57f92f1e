"""read_text knows how a file is written.

caught by: test_files_are_utf_8
reads: the computer chose the encoding
"""


def load_docs(path):
    return [line.strip() for line in Path(path).read_text().splitlines() if line.strip()]
