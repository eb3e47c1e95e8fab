"""What live jobs are known by."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.shadow.identity import experiment_id, job_key, mark, new_keys


def test_two_experiments_do_not_share_an_id() -> None:
    assert len({experiment_id("a", "a"), experiment_id("a", "b"), experiment_id("b", "a")}) == 3


def test_jobs_without_a_key_of_their_own_are_all_different() -> None:
    keys = [next(source) for source in (new_keys("9ce71829"), new_keys("9ce71829")) for _ in range(1000)]
    assert len(set(keys)) == 2000


def test_a_fork_makes_keys_of_its_own() -> None:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, next(new_keys("9ce71829")).encode())
        os._exit(0)
    os.waitpid(child, 0)
    own = next(new_keys("9ce71829"))
    theirs = os.read(read, 100).decode()
    assert own.startswith("9ce71829-")
    assert theirs.startswith("9ce71829-")
    assert own[:33] != theirs[:33]
    os.close(read)
    os.close(write)


@given(st.text(min_size=1))
def test_any_key_becomes_an_id_that_every_system_takes(key: str) -> None:
    made = job_key("9ce71829", "mail", key)
    assert re.fullmatch(r"9ce71829-[A-Za-z0-9_-]{1,100}", made)
    assert made == job_key("9ce71829", "mail", key)


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_keys_are_different_jobs(one: str, other: str) -> None:
    assert (job_key("9ce71829", "mail", one) == job_key("9ce71829", "mail", other)) == (one == other)


@pytest.mark.parametrize("key", ["a:b", "a" * 101, "ü", "\ud800", " ", "a\n"])
def test_what_some_system_would_refuse_stands_as_a_hash(key: str) -> None:
    assert re.fullmatch(r"9ce71829-[0-9a-f]{32}", job_key("9ce71829", "mail", key))


def test_the_mark_says_whose_job_it_is_and_where_it_went() -> None:
    assert mark("9ce71829", "9ce71829-7", "new") == {"__shadow": {"ledger": "9ce71829", "key": "9ce71829-7", "arm": "new"}}


def test_jobs_of_different_names_may_have_the_same_key() -> None:
    pairs = [("mail", "7"), ("bill", "7"), ("a-b", "c"), ("a", "b-c"), ("a", "b:c"), ("a:b", "c")]
    assert len({job_key("9ce71829", *pair) for pair in pairs}) == len(pairs)
    assert job_key("9ce71829", "mail", "order-7") == "9ce71829-mail-order-7"
