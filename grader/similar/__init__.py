"""Which submissions are alike beyond what the exercise makes everybody write. Evidence to look at, not a verdict."""

from grader.similar.comparison import Comparison, compare, near_identical, told
from grader.similar.page import page
from grader.similar.pairs import ModulePair, Pair
from grader.similar.rings import Ring, RingModule

__all__ = ["Comparison", "ModulePair", "Pair", "Ring", "RingModule", "compare", "near_identical", "page", "told"]
