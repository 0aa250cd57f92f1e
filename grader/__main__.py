"""`python -m grader`: the command line, where the script is not on PATH."""

from grader.cli import main

main(prog_name="grader")
