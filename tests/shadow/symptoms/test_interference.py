import numpy as np

from migrator.shadow.symptoms.interference import interference_check

WAVE = [float(2 + np.sin(i / 3)) for i in range(30)]


def test_times_that_rise_and_fall_together() -> None:
    found = interference_check([("old", WAVE), ("new", [3 * t + 1 for t in WAVE]), ("newer", [float((i * 7) % 11) for i in range(30)])])
    assert found.state == "warning"
    assert "times of old and new rise and fall together" in found.finding
    assert "new 1.00 and newer" in found.finding


def test_times_that_do_not() -> None:
    generator = np.random.default_rng(3)
    noisy = [("old", generator.random(30).tolist()), ("new", generator.random(30).tolist())]
    assert interference_check(noisy).state == "ok"
    assert interference_check([("old", WAVE), ("new", [-t for t in WAVE])]).state == "ok"


def test_too_little_to_tell() -> None:
    assert interference_check([("old", WAVE[:9]), ("new", WAVE[:9])]).state == "unknown"
    gaps: list[float | None] = [None if i % 4 else t for i, t in enumerate(WAVE)]
    assert interference_check([("old", WAVE), ("new", gaps)]).state == "unknown"
    assert interference_check([("old", WAVE), ("new", [1.0] * 30)]).state == "unknown"
    assert interference_check([("old", WAVE)]).state == "unknown"


def test_a_strong_correlation_of_few_stretches_may_be_chance() -> None:
    # Ten stretches with a rank correlation of 0.78: seven in a thousand by chance.
    times = [2.0, 1, 4, 3, 5, 8, 6, 7, 10, 9]
    shuffled = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    shuffled[0], shuffled[4] = shuffled[4], shuffled[0]
    found = interference_check([("old", times), ("new", shuffled)])
    assert found.state == "ok"
    assert "new 0.78" in found.finding
