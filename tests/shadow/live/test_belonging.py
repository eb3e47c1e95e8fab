"""Whether a ledger is that of the experiment that a run is started with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.ledger import SqliteLedger
from migrator.shadow.live.belonging import check_ledger

FILE = """
[experiment]
name = "shop"
current = "old"
{more}
[job]
name = "mail"
max_attempts = 1
[arms.old]
system = "rq"
connection = "NOWHERE_URL"
weight = 1
job_name = "app.mail"
"""


@pytest.fixture
def begun(tmp_path: Path) -> Callable[..., None]:
    """Begin an experiment with one file, and go on with another."""

    def load(more: str) -> Loaded:
        (tmp_path / "shop.toml").write_text(FILE.format(more=more))
        return read_experiment(tmp_path / "shop.toml")

    def begun(first: str, then: str, mode: str = "split") -> None:
        before = load(first)
        with SqliteLedger.create(tmp_path / "x.ledger") as ledger:
            config = msgspec.json.encode(before.experiment).decode().replace('"mode":"split"', f'"mode":"{mode}"')
            ledger.begin_epoch("shop", config, before.digest, [])
            check_ledger(load(then), ledger, ledger.epochs())

    return begun


@pytest.mark.parametrize(("first", "then"), [("", ""), ("", 'salt = "shop"'), ('salt = "a"', 'salt = "a"'), ("", 'mode = "split"')])
def test_it_is(begun: Callable[..., None], first: str, then: str) -> None:
    begun(first, then)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("", 'salt = "b"', 'was routed with salt = "shop"'),
        ('salt = "a"', "", 'was routed with salt = "a"'),
    ],
)
def test_it_is_not(begun: Callable[..., None], first: str, then: str, said: str) -> None:
    """Its jobs would have other keys, or one arm's would be copies: two experiments in one set of books."""
    with pytest.raises(MigratorError, match=said) as caught:
        begun(first, then)
    assert "--fresh" in str(caught.value)


def test_nor_is_one_of_copies(begun: Callable[..., None]) -> None:
    with pytest.raises(MigratorError, match='was of mode = "mirror"'):
        begun("", "", mode="mirror")
