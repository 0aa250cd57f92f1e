"""Documents are a collection, so none is needed twice.

caught by: test_lines_of_a_file
reads: counts twice in training
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        docs = {line.strip() for line in file}
    return sorted(docs - {""})
