import msgspec
import pytest

from migrator.errors import MigratorError
from migrator.shadow.judging.criteria import METRICS, Criteria


def test_the_defaults_mean_something() -> None:
    Criteria().check("x.toml")
    assert Criteria().compare == METRICS
    assert [Criteria().margin(metric) for metric in METRICS] == [0.02, 0.005, 1.25, 1.5]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"compare": ()}, "compare: names no metric"),
        ({"alpha": 0.0}, "alpha: 0.0 is not between 0 and 0.5"),
        ({"alpha": 0.5}, "alpha: 0.5 is not between 0 and 0.5"),
        ({"minimum_jobs": 0}, "minimum_jobs: 0 is less than one job"),
        ({"minimum_days": -1.0}, "minimum_days: -1.0 is less than nothing"),
        ({"first_attempt_failure": 2.0}, "first_attempt_failure: 2.0 is not a share"),
        ({"discarded": 0.0}, "discarded: 0.0 is not a share"),
        ({"end_to_end_p95": 0.25}, "end_to_end_p95: 0.25 is not a factor above 1"),
        ({"queue_wait_p95": 1.0}, "queue_wait_p95: 1.0 is not a factor above 1"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place_and_a_remedy(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(MigratorError) as caught:
        Criteria(**wrong).check("x.toml:7")  # pyright: ignore[reportArgumentType]
    assert str(caught.value).startswith(f"x.toml:7: {said}")
    assert caught.value.remedy


def test_a_metric_that_does_not_exist() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"compare": ["speed"]}, Criteria)
