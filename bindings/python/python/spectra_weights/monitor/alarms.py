"""Alarms: a layer that an initialisation of its shape would hardly give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .reference import reference

__all__ = ["Alarm", "Alarms"]

FEW = 8
"""Singular values below which no alarm of a low rank is raised."""


@dataclass(frozen=True)
class Alarm:
    """A statistic of a layer that left what its initialisation gives, for the first time.

    Attributes:
        step: When.
        layer: Which.
        kind: ``spike``: the largest singular value stands above the noise. ``low-rank``: fewer directions are in use than
            of noise, of layers with 8 singular values at least. ``not-finite``: NaN or infinite weights.
        value: The stable rank, the effective rank, or the share of entries that are not finite.
        expected: The median of an initialisation of this shape; 0 for entries that are not finite.
        probability: How likely an initialisation is at least as extreme; 0 for entries that are not finite.
    """

    step: int
    layer: str
    kind: str
    value: float
    expected: float
    probability: float

    def __str__(self) -> str:
        """Returns a sentence."""
        what = {
            "spike": f"stable rank {self.value:.4g} where an initialisation has {self.expected:.4g}: a direction stands out",
            "low-rank": f"effective rank {self.value:.4g} where an initialisation has {self.expected:.4g}",
            "not-finite": f"{100 * self.value:.3g} % of the weights are NaN or infinite",
        }[self.kind]
        return f"{self.layer} at step {self.step}: {what}"


class Alarms:
    """Raises each alarm of a layer once.

    Args:
        rate: At most how often a test of a layer that *is* an initialisation raises an alarm.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.raised: list[Alarm] = []

    def check(self, step: int, layer: str, shape: tuple[int, int], values: Mapping[str, float]) -> dict[str, float]:
        """Compares the metrics of a layer with those of an initialisation.

        Returns:
            ``stable_rank_of_initial`` and ``effective_rank_of_initial``, what is measured over the median of an initialisation.
        """
        if min(shape) < 2:
            return {}
        expected = reference(*shape)
        shares: dict[str, float] = {}
        stable, effective = values.get("stable_rank"), values.get("effective_rank")
        if stable is not None:
            shares["stable_rank_of_initial"] = stable / expected.stable_rank
            self._test(step, layer, "spike", stable, expected.stable_rank, expected.spike_probability(stable))
        if effective is not None:
            shares["effective_rank_of_initial"] = effective / expected.effective_rank
        # Of few values the effective rank depends on the law of the entries too much to be tested.
        if effective is not None and min(shape) >= FEW:
            probability = expected.low_rank_probability(effective)
            self._test(step, layer, "low-rank", effective, expected.effective_rank, probability)
        return shares

    def not_finite(self, step: int, layer: str, share: float) -> None:
        """Raises the alarm of a layer with NaN or infinite weights."""
        self._raise(Alarm(step, layer, "not-finite", share, 0.0, 0.0))

    def _test(self, step: int, layer: str, kind: str, value: float, expected: float, probability: float) -> None:
        if probability < self.rate:
            self._raise(Alarm(step, layer, kind, value, expected, probability))

    def _raise(self, alarm: Alarm) -> None:
        if not any((a.layer, a.kind) == (alarm.layer, alarm.kind) for a in self.raised):
            self.raised.append(alarm)
