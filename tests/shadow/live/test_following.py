"""A file that changes while a run goes on: what can be followed, what lets go of a store, and what is another experiment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.live.following import Follower
from migrator.shadow.live.running import _other_stores

FILE = """
[experiment]
name = "shop"
current = "old"
[job]
name = "mail"
deadline = 30.0
[arms.old]
system = "rq"
connection = "REDIS_URL"
weight = 1
job_name = "app.mail"
[arms.new]
system = "celery"
connection = "REDIS_URL"
weight = 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "shop.toml").write_text(FILE)
    return tmp_path / "shop.toml"


def changed(file: Path, old: str, new: str) -> None:
    before = file.stat()
    file.write_text(file.read_text().replace(old, new))
    # Whatever the resolution of the file system's clock.
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))


@pytest.mark.parametrize(
    ("old", "new", "stores"),
    [
        ("weight = 1\njob_name", "weight = 3\njob_name", False),
        ("deadline = 30.0", "deadline = 40.0", False),
        ("[arms.old]", "[criteria]\nminimum_jobs = 9\n[arms.old]", False),
        ("weight = 1\njob_name", "weight = 1\nslots = 4\njob_name", False),
        ("app.mail", "app.post", True),
        ('name = "mail"', 'name = "mail"\nqueue = "post"', True),
        ('system = "celery"\nconnection = "REDIS_URL"', 'system = "celery"\nconnection = "OTHER_URL"', True),
        ('system = "celery"', 'system = "celery"\noptions = { results = false }', True),
    ],
)
def test_what_changes_and_whether_a_store_is_let_go_of(file: Path, old: str, new: str, stores: bool) -> None:
    before = read_experiment(file)
    follower = Follower(before)
    assert follower.look() is None
    changed(file, old, new)
    after = follower.look()
    assert after is not None
    assert _other_stores(before, after) is stores
    assert follower.look() is None, "once"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weight = 1", "weight = x", "this is not TOML"),
        ('current = "old"', 'current = "new"', '`current` cannot change while an experiment goes on\n  Put back current = "old"'),
        ('name = "shop"', 'name = "shops"', "`name` cannot change"),
        ("[arms.old]", "[workload]\ncount = 3\n[arms.old]", "sends nothing"),
    ],
)
def test_what_cannot_be_followed_is_said_once(file: Path, old: str, new: str, said: str) -> None:
    follower = Follower(read_experiment(file))
    changed(file, old, new)
    with pytest.raises(MigratorError) as caught:
        follower.look()
    assert said in str(caught.value)
    assert follower.look() is None
    file.unlink()
    with pytest.raises(MigratorError):
        follower.look()


def test_a_file_that_says_the_same_is_nothing_new(file: Path) -> None:
    follower = Follower(read_experiment(file))
    changed(file, "[experiment]", "# a comment\n[experiment]")
    assert follower.look() is None
