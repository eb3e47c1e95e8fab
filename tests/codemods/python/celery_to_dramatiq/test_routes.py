"""Queues by route, held against Celery's own router."""

from __future__ import annotations

from celery.app.routes import MapRoute
from hypothesis import given
from hypothesis import strategies as st

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.celery_to_dramatiq.routes import Router

NAMES = st.lists(st.sampled_from(["shop", "mail", "sms", "send", "x1"]), min_size=1, max_size=3).map(".".join)
PATTERNS = st.one_of(NAMES, NAMES.map(lambda n: f"{n}.*"), NAMES.map(lambda n: f"*.{n}"), NAMES.map(lambda n: f"{n}*"), st.just("*"))


@given(patterns=st.lists(PATTERNS, unique=True, max_size=5), name=NAMES)
def test_the_same_route_is_taken(patterns: list[str], name: str) -> None:
    routes = {pattern: {"queue": f"q{number}"} for number, pattern in enumerate(patterns)}
    expected = MapRoute(routes)(name)
    assert Router(routes=dict(routes)).queue(name) == (expected["queue"] if expected else "default")


def test_the_default_queue_keeps_its_name_where_it_has_one() -> None:
    assert Router().named("celery") == "default"
    assert Router("celery", fixed=True).named("celery") == "celery"
    assert Router("shop", fixed=True).queue("a.b") == "shop"


def test_a_route_that_says_more_than_a_queue_is_a_problem() -> None:
    router = Router(routes={"a.*": {"queue": "x", "priority": 3}, "b.c": {"exchange": "y"}, "d": "plain"})
    assert isinstance(router.queue("a.b"), Problem)
    assert isinstance(router.queue("b.c"), Problem)
    assert router.queue("d") == "plain"
