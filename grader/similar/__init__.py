"""Which submissions are alike beyond what the exercise makes everybody write. Evidence to look at, not a verdict."""

from grader.similar.page import page
from grader.similar.pairs import Comparison, ModulePair, Pair, compare, near_identical

__all__ = ["Comparison", "ModulePair", "Pair", "compare", "near_identical", "page"]
