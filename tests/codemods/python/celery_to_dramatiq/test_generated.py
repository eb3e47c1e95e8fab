"""The helpers that a rewritten application gets, held against what Celery and kombu themselves do."""

from __future__ import annotations

import random
import types
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from unittest import mock
from urllib.parse import unquote, urlsplit
from uuid import UUID

import dramatiq
import pytest
from celery.utils.time import get_exponential_backoff_interval
from dramatiq.middleware import CurrentMessage
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection
from kombu.utils.json import dumps, loads

from migrator.codemods.python.celery_to_dramatiq.broker import Broker
from migrator.codemods.python.celery_to_dramatiq.generated import Place, write_app
from migrator.codemods.python.celery_to_dramatiq.plan import Helper
from migrator.codemods.python.tree import CodeTree


@pytest.fixture(scope="module")
def amqp(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The function of a module for RabbitMQ that rewrites addresses."""
    broker = Broker("rabbitmq", '"amqp://localhost"')
    text = write_app(CodeTree(tmp_path_factory.mktemp("rabbit")), Place("", ""), broker, (), (), django=False).new["dramatiq_app.py"]
    assert 'broker = RabbitmqBroker(url=amqp("amqp://localhost"))' in text
    scope: dict[str, Any] = {}
    exec("from urllib.parse import urlsplit, urlunsplit\n" + text[text.index("def amqp") : text.index("broker = Rab")], scope)  # noqa: S102
    return scope["amqp"]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "amqp://guest@rabbit//",
            "amqp://guest:guest@localhost:5672//",
            "amqp://localhost",
            "amqp://",
            "amqp://u:p@h/vh",
            "amqp://u:p@h/",
        ),
        *("amqps://u:p%40q@h:5671/a/b", "amqp://u@h/vh", "amqp://u:p@h/%2F", "amqp://u:p@h//vh", "pyamqp://u@h//"),
    ],
)
def test_addresses_mean_to_rabbitmq_what_they_mean_to_celery(amqp: Callable[[str], str], url: str) -> None:
    theirs = Connection(url).info()
    parts = urlsplit(amqp(url))
    assert parts.scheme in ("amqp", "amqps")
    # As pika's URLParameters take an address apart.
    host = unquote(parts.path.split("/")[1]) if len(parts.path) > 1 else "/"
    assert host == theirs["virtual_host"]
    assert (parts.username, unquote(parts.password or "")) == (theirs["userid"], theirs["password"])
    assert (parts.hostname or "localhost", parts.port or 5672) == (theirs["hostname"], theirs["port"])


def test_each_of_several_addresses_is_rewritten(amqp: Callable[[str], str]) -> None:
    assert amqp("amqp://a//;amqp://b/x") == "amqp://guest:guest@a/%2F;amqp://guest:guest@b/x"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """The generated module with everything that it can hold. No connection is made."""
    before = dramatiq.get_broker(), dramatiq.get_encoder()
    tree = CodeTree(tmp_path_factory.mktemp("empty"))
    made = write_app(tree, Place("", ""), Broker("redis", '"redis://localhost:1"'), get_args(Helper), ("rare",), django=False)
    module = types.ModuleType("dramatiq_app")
    exec(compile(made.new["dramatiq_app.py"], "dramatiq_app.py", "exec"), module.__dict__)  # noqa: S102
    yield module
    dramatiq.set_broker(before[0])
    dramatiq.set_encoder(before[1])


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=2))])),
    st.dates(),
    st.times(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.uuids(),
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(value=VALUES)
def test_arguments_come_back_as_they_do_from_celery(app: Any, value: Any) -> None:
    encoder = app.TypedJSON()
    assert encoder.decode(encoder.encode({"args": value})) == loads(dumps({"args": value})) == {"args": value}


@given(value=VALUES)
def test_what_celery_wrote_can_be_read(app: Any, value: Any) -> None:
    assert app.TypedJSON().decode(dumps({"args": value}).encode()) == {"args": value}


def test_an_argument_of_another_type_is_an_error_for_whoever_sends_it(app: Any) -> None:
    with pytest.raises(TypeError, match="object"):
        app.TypedJSON().encode({"args": [object()]})


class Reduced:
    def __json__(self) -> dict[str, int]:
        return {"n": 1}


def test_objects_may_say_what_they_are_in_json(app: Any) -> None:
    assert app.TypedJSON().encode({"args": Reduced()}) == b'{"args":{"n":1}}'


@given(factor=st.integers(0, 500), retries=st.integers(0, 20), maximum=st.integers(0, 10_000), seed=st.integers())
def test_backoff_is_celerys(app: Any, factor: int, retries: int, maximum: int, seed: int) -> None:
    for jitter in (False, True):
        random.seed(seed)
        ours = app.backoff(factor, maximum=maximum, jitter=jitter)(retries)
        random.seed(seed)
        assert ours == get_exponential_backoff_interval(factor, retries, maximum, jitter) * 1000


def test_fixed_delays(app: Any) -> None:
    assert app.fixed(5000)(0) == app.fixed(5000)(9) == 5000


def test_seconds(app: Any) -> None:
    assert app.ms(1.5) == 1500
    assert app.ms(-3) == 0
    assert app.ms(None) is None
    assert app.ms(None, 20) == 20
    assert app.max_age(None) is None
    # Dramatiq takes an age of 0 for no limit at all.
    assert app.max_age(0) == app.max_age(-3) == 1


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=-7))])
def test_moments(app: Any, zone: timezone | None) -> None:
    now = datetime(2031, 4, 5, 12, tzinfo=UTC)
    # A moment without a zone is UTC, as in Celery.
    moment = (now + timedelta(minutes=1)).astimezone(zone) if zone else (now + timedelta(minutes=1)).replace(tzinfo=None)
    with mock.patch.object(app, "datetime", _clock(now)):
        assert app.ms(moment) == 60_000
        assert app.ms(moment - timedelta(hours=1)) == 0
        assert app.max_age(moment - timedelta(hours=1)) == 1


def _clock(now: datetime) -> type[datetime]:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # noqa: ARG003
            return now

    # `isinstance(x, Stopped)` must hold for every moment.
    class Meta(type(Stopped)):  # pyright: ignore[reportUntypedBaseClass]
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime)

    return Meta("Stopped", (Stopped,), {})


Actor = dramatiq.Actor[..., Any]


@pytest.fixture
def make(app: Any) -> Callable[..., Actor]:
    """Declares actors under names of their own."""

    def declare(function: Callable[..., Any], **options: Any) -> Actor:
        name = f"job-{random.random()}"
        return dramatiq.actor(actor_name=name, broker=app.broker, retry_when=app.asked, **options)(function)

    return declare


def running(actor: Actor, retries: int) -> mock._patch[Any]:
    """As if a worker ran `actor` after so many retries."""
    message = actor.message().copy(options={"retries": retries})
    return mock.patch.object(CurrentMessage, "get_current_message", return_value=message)


def test_a_retry_is_asked_for_until_the_limit(app: Any, make: Callable[..., Actor]) -> None:
    error = ValueError("busy")
    actor = make(lambda: app.retry(actor, exc=error, delay=250), max_retries=2)
    for done in (0, 1):
        with running(actor, done), pytest.raises(dramatiq.Retry, match="busy") as raised:
            actor()
        assert raised.value.delay == 250
        assert app.asked(done, raised.value)
        assert app.retries(actor) == 0
    with running(actor, 2), pytest.raises(ValueError, match="busy") as last:
        actor()
    assert not app.asked(2, last.value)


def test_a_retry_without_error_and_without_limit(app: Any, make: Callable[..., Actor]) -> None:
    endless = make(lambda: app.retry(endless, delay=1), max_retries=None)
    with running(endless, 10_000), pytest.raises(dramatiq.Retry):
        endless()
    never = make(lambda: app.retry(never, delay=1), max_retries=0)
    with running(never, 0), pytest.raises(app.RetriesExhausted):
        never()


def test_called_as_a_function_there_is_nothing_to_retry(app: Any, make: Callable[..., Actor]) -> None:
    error = ValueError("busy")
    inner = make(lambda: app.retry(inner, exc=error, delay=1), max_retries=9)
    with pytest.raises(ValueError, match="busy"):
        inner()
    # The message of the job around it is not its own.
    outer = make(inner, max_retries=9)
    with running(outer, 0), pytest.raises(ValueError, match="busy"):
        outer()
    with running(outer, 3):
        assert (app.retries(outer), app.retries(inner)) == (3, 0)
        assert app.message_id(outer) is not None
        assert app.message_id(inner) is None


def test_automatic_retries(app: Any, make: Callable[..., Actor]) -> None:
    def fail(kind: type[BaseException]) -> None:
        raise kind("no")

    actor = make(app.retry_on(OSError, never=(FileNotFoundError,), delay=lambda n: 100 * (n + 1))(fail), max_retries=2)
    with running(actor, 1), pytest.raises(dramatiq.Retry) as raised:
        actor(ConnectionError)
    assert raised.value.delay == 200
    with running(actor, 2), pytest.raises(ConnectionError):
        actor(ConnectionError)
    for other in (FileNotFoundError, KeyError):
        with running(actor, 0), pytest.raises(other) as unasked:
            actor(other)
        assert not app.asked(0, unasked.value)
    # A retry that the body itself asked for is passed on as it is.
    with running(actor, 0), pytest.raises(dramatiq.Retry) as own:
        actor(dramatiq.Retry)
    assert own.value.delay is None
    with pytest.raises(ConnectionError):
        actor(ConnectionError)


def test_queues_of_single_calls_are_declared(app: Any) -> None:
    assert "rare" in app.broker.get_declared_queues()


def test_types_are_those_of_kombu(app: Any) -> None:
    value = {"a": [datetime(2031, 1, 2, 3, tzinfo=UTC), date(2031, 1, 2), time(1, 2), Decimal("1.50"), UUID(int=7)]}
    assert app.TypedJSON().encode(value).decode() == dumps(value, default_kwargs={"separators": (",", ":")})


def test_a_module_grows_by_what_is_missing(tmp_path: Path) -> None:
    place, broker = Place("", ""), Broker("redis", '"redis://x"')
    first = write_app(CodeTree(tmp_path), place, broker, ("NO_LIMIT", "retry"), (), django=False)
    (tmp_path / "dramatiq_app.py").write_text(first.new["dramatiq_app.py"])
    assert not write_app(CodeTree(tmp_path), place, broker, ("retry",), (), django=False).edits
    grown = write_app(CodeTree(tmp_path), place, broker, ("ms",), ("rare",), django=False)
    assert "def ms(" in grown.edits[0][2]
    assert "def retry(" in grown.edits[0][2]
    assert '"rare"' in grown.edits[0][2]
    (tmp_path / "dramatiq_app.py").write_text(first.new["dramatiq_app.py"] + "\n# mine\n")
    assert "changed by hand" in write_app(CodeTree(tmp_path), place, broker, ("ms",), (), django=False).problem
