"""Addresses of the stores that an experiment keeps something of its own in: each is in an environment variable that the file names."""

from __future__ import annotations

import os
from typing import Literal as OneOf

from migrator.errors import MigratorError

REDIS = ("redis://", "rediss://", "unix://")
POSTGRES = ("postgres://", "postgresql://", "postgresql+")  #: the last as SQLAlchemy has it, with a driver


def store_address(variable: str, holds: str) -> tuple[OneOf["redis", "postgres"], str]:
    """Which sort of store, and its address. `holds`: what it is asked for, to follow "the Redis or Postgres that".

    Raises:
        MigratorError: the variable is not set, or holds no address of either.
    """
    address = os.environ.get(variable, "")
    if not address:
        raise MigratorError("is not set", place=variable, remedy=f"Set it to the address of the Redis or Postgres that {holds}.")
    if address.startswith(REDIS):
        return "redis", address
    if address.startswith(POSTGRES):
        return "postgres", address
    raise MigratorError("holds no address of Redis or Postgres", place=variable, remedy="It begins with redis:// or postgresql://.")
