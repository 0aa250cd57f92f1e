"""Text is text, and open() knows how to read it.

caught by: test_the_computer_does_not_choose_the_encoding
reads: the computer chose the encoding
"""


def load_docs(path):
    with Path(path).open() as file:
        return [line.strip() for line in file if line.strip()]
