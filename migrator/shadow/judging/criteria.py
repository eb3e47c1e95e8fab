"""What "not worse" means in an experiment: declared before looking, part of the experiment's configuration."""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from migrator.errors import MigratorError

Metric = OneOf["first_attempt_failure", "discarded", "end_to_end_p95", "queue_wait_p95"]
METRICS: tuple[Metric, ...] = ("first_attempt_failure", "discarded", "end_to_end_p95", "queue_wait_p95")
TAIL = 0.95  #: the quantile of which durations are compared
RESOLUTION = 0.001  #: seconds: no store's clock tells more; what is quicker counts as this long when durations are compared
#: compared by difference; the others by ratio
SHARES: tuple[Metric, ...] = ("first_attempt_failure", "discarded")


class Criteria(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how much a candidate may be worse than the current system and still count as not inferior, and how sure that must be.

    A candidate is not inferior when it is within the margin on every metric of `compare`.
    """

    compare: tuple[Metric, ...] = METRICS
    first_attempt_failure: float = 0.02  #: added share of jobs whose first attempt fails
    discarded: float = 0.005  #: added share of jobs that fail for good
    end_to_end_p95: float = 1.25  #: times the current system's
    queue_wait_p95: float = 1.5  #: times the current system's
    alpha: float = 0.05  #: chance of a wrong claim about any candidate, at any time, however often one looks
    minimum_jobs: int = 50  #: per arm, before "not inferior" is said
    minimum_days: float = 7.0  #: with jobs in both arms: load has a weekly rhythm; 0 where it has none

    def margin(self, metric: Metric) -> float:
        """The declared margin: an added share, or a factor."""
        return {
            "first_attempt_failure": self.first_attempt_failure,
            "discarded": self.discarded,
            "end_to_end_p95": self.end_to_end_p95,
            "queue_wait_p95": self.queue_wait_p95,
        }[metric]

    def check(self, place: str) -> None:
        """Raises MigratorError for values that mean nothing."""
        wrong = [
            (not self.compare, "compare", "names no metric", f"Name at least one of {', '.join(METRICS)}."),
            (not 0 < self.alpha < 0.5, "alpha", f"{self.alpha} is not between 0 and 0.5", "0.05 is usual."),
            (self.minimum_jobs < 1, "minimum_jobs", f"{self.minimum_jobs} is less than one job", "50 is usual."),
            (self.minimum_days < 0, "minimum_days", f"{self.minimum_days} is less than nothing", "7 is usual; 0 switches it off."),
        ]
        for metric in METRICS:
            margin = self.margin(metric)
            if metric in SHARES:
                wrong.append((not 0 < margin < 1, metric, f"{margin} is not a share between 0 and 1", "0.02 allows two more in a hundred."))
            else:
                wrong.append((margin <= 1, metric, f"{margin} is not a factor above 1", "1.25 allows a quarter more time."))
        for bad, field, cause, remedy in wrong:
            if bad:
                raise MigratorError(f"{field}: {cause}", place=place, remedy=remedy)
