import numpy as np
import pytest

from migrator.shadow.judging.together import seconds_together
from migrator.shadow.ledger.folded import DAY

HOUR = DAY // 24


@pytest.mark.parametrize(
    ("second", "days"),
    [
        (np.arange(0, 10 * DAY, HOUR), 10 - 1 / 24),
        (np.arange(4 * DAY, 20 * DAY, HOUR), 6 - 1 / 24),
        (np.array([0, 9 * DAY]), 2),
        (np.array([9 * DAY + HOUR]), 0),
        (np.arange(12 * DAY, 14 * DAY, HOUR), 0),
        (np.array([], dtype=np.int64), 0),
        (np.arange(2 * HOUR, 10 * DAY, DAY), 9),
    ],
    ids=["the same", "later", "two days far apart", "one job", "afterwards", "none", "once a day"],
)
def test_what_counts(second: np.ndarray, days: float) -> None:
    first = np.arange(0, 10 * DAY, HOUR)
    assert seconds_together(first, second) == pytest.approx(days * 86400)
    assert seconds_together(second, first) == pytest.approx(days * 86400)


def test_two_evenings_and_the_night_between_are_no_two_days() -> None:
    over_midnight = np.arange(DAY - HOUR, DAY + HOUR + 1, HOUR)
    assert seconds_together(over_midnight, over_midnight) == pytest.approx(2 * 3600)
