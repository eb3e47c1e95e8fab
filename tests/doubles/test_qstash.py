"""The double of QStash against the real SDKs: what they send, they get; what they check, holds."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from migrator.servers import install, node
from tests.doubles.qstash import QStashDouble
from tests.doubles.qstash.delays import wait_before_retry

NODE = Path(__file__).parent / "qstash_node"


@pytest.mark.behaviour
def test_the_sdk_of_npm_publishes_receives_and_reads_the_log() -> None:
    with (NODE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(NODE)
    with QStashDouble() as double:
        seen = json.loads(node().run(["probe.mjs"], folder=NODE, extra=double.environment()).stdout)
    assert [(d["body"]["n"], d["retried"]) for d in seen["deliveries"]] == [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0)]
    assert all((d["genuine"], d["forged"]) == (True, "SignatureError") for d in seen["deliveries"])
    assert [d.get("custom") for d in seen["deliveries"]] == ["yes"] * 5 + [None]
    assert seen["same"]
    attempt = ["ACTIVE", "ERROR", "RETRY"]
    assert seen["states"] == [
        ["CREATED", *attempt, "ACTIVE", "DELIVERED"],
        ["CREATED", *attempt, *attempt, "ACTIVE", "ERROR", "FAILED"],
        ["CREATED", "ACTIVE", "DELIVERED"],
    ]
    assert seen["page"] == {"length": 2, "more": True, "label": "first"}
    assert seen["dlq"] == [[True, 500]]


@pytest.mark.parametrize("text", ["import os", "__import__('os')", "retried.real", "eval('1')", "[1]", "'a'"])
def test_an_expression_is_arithmetic_and_nothing_else(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        wait_before_retry(1, text)


def test_the_documented_backoff() -> None:
    assert [round(wait_before_retry(n)) for n in range(1, 6)] == [12, 148, 1808, 22026, 86400]
