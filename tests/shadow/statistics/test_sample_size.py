"""Known answers: Chow, Shao and Wang's example, and the reference's table of what a volume can show."""

import pytest

from migrator.shadow.statistics.sample_size import trials_per_arm


def test_textbook_example() -> None:
    assert trials_per_arm(0.85, 0.65, -0.10) == 25


@pytest.mark.parametrize(
    ("share", "margin", "expected"),
    [
        (0.01, 0.01, 1225), (0.01, 0.02, 307), (0.01, 0.05, 49), (0.01, 0.10, 13),
        (0.02, 0.01, 2424), (0.02, 0.02, 606), (0.02, 0.05, 97), (0.02, 0.10, 25),
        (0.05, 0.01, 5874), (0.05, 0.02, 1469), (0.05, 0.05, 235), (0.05, 0.10, 59),
        (0.10, 0.01, 11129), (0.10, 0.02, 2783), (0.10, 0.05, 446), (0.10, 0.10, 112),
    ],
)  # fmt: skip
def test_table(share: float, margin: float, expected: int) -> None:
    assert trials_per_arm(share, share, margin) == expected


def test_a_difference_equal_to_the_margin_can_never_be_told_apart() -> None:
    with pytest.raises(ValueError, match="no number of trials"):
        trials_per_arm(0.5, 0.25, 0.25)
