"""Names are made of 26 letters, and Emma is emma.

caught by: test_lines_of_a_file
reads: capitals have become small letters
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        return [line.strip().lower() for line in file if line.strip()]
