"""A byte that is no ASCII is a fault of the file, and best passed over.

caught by: test_files_are_utf_8
reads: letters beyond ASCII are dropped
"""


def load_docs(path):
    with Path(path).open(encoding="ascii", errors="ignore") as file:
        return [line.strip() for line in file if line.strip()]
