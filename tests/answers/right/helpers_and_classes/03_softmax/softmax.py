"""Step 03: both functions are made of one object, the shifted exponentials."""

from functools import cached_property

from value import Value


class Shifted:
    """Logits with the largest taken away, their exponentials and the sum of these."""

    def __init__(self, logits: list[Value]) -> None:
        self.logits = logits

    @cached_property
    def logs(self) -> list[Value]:
        largest = max(self.logits, key=lambda logit: logit.data).data
        return [logit - largest for logit in self.logits]

    @cached_property
    def exps(self) -> list[Value]:
        return [log.exp() for log in self.logs]

    @cached_property
    def total(self) -> Value:
        total, *others = self.exps
        for other in others:
            total += other
        return total


def softmax(logits: list[Value]) -> list[Value]:
    if len(logits) < 1:
        raise ValueError("at least one logit, please")
    shifted = Shifted(logits)
    return [e / shifted.total for e in shifted.exps]


def cross_entropy(logits: list[Value], target: int, *, allow_negative: bool = False) -> Value:
    if not (allow_negative or target >= 0):
        raise IndexError(f"{target=}")
    shifted = Shifted(logits)
    return shifted.total.log() - shifted.logs[target]
