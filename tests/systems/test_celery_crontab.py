"""What a crontab matches, held against Celery's own parser."""

from __future__ import annotations

import pytest
from celery.schedules import ParseException, crontab, crontab_parser
from hypothesis import given
from hypothesis import strategies as st

from migrator.systems.celery_crontab import FIELDS, MONTHS, WEEKDAYS, expand


def specs(field: str) -> st.SearchStrategy[str]:
    low, high = FIELDS[field]
    names = {"day_of_week": WEEKDAYS, "month_of_year": MONTHS}.get(field, ())
    number = st.integers(low, high).map(str) | (st.sampled_from(names) if names else st.nothing())
    step = st.integers(1, 40).map(lambda n: f"/{n}")
    part = st.one_of(
        st.just("*"),
        number,
        st.builds("*{}".format, step),
        st.builds("{}-{}".format, number, number),
        st.builds("{}-{}{}".format, number, number, step),
    )
    return st.lists(part, min_size=1, max_size=3).map(",".join)


@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data())
def test_expansion_is_celerys(field: str, data: st.DataObject) -> None:
    spec = data.draw(specs(field))
    low, high = FIELDS[field]
    assert expand(field, spec) == crontab_parser(high - low + 1, low).parse(spec)


@pytest.mark.parametrize(
    ("field", "spec"), [("hour", "24"), ("minute", "x"), ("day_of_month", "0"), ("hour", ""), ("hour", "*/0"), ("hour", 99)]
)
def test_what_celery_refuses_is_refused(field: str, spec: str | int) -> None:
    with pytest.raises((ValueError, ParseException)):
        crontab(**{field: spec})
    with pytest.raises(ValueError, match=r".+"):
        expand(field, spec)


def test_collections_and_numbers() -> None:
    assert expand("hour", {1, 2}) == {1, 2}
    assert expand("minute", 0) == {0}
