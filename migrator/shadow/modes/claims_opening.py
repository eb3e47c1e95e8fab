"""Where claims are kept: Redis or Postgres, by the address."""

from __future__ import annotations

from migrator.shadow.modes.claims import Claims
from migrator.shadow.store_address import store_address


def open_claims(variable: str, *, timeout: float, keep: float) -> Claims:
    """The claims in the store whose address is in the environment variable `variable`, not connected yet.

    `timeout`: seconds that one call may take; `keep`: seconds for which a claim is remembered.

    Raises:
        MigratorError: the variable is not set, or holds no address of Redis or Postgres.
    """
    kind, address = store_address(variable, "holds the claims of jobs")
    if kind == "redis":
        from migrator.shadow.modes.claims_redis import RedisClaims

        return RedisClaims(address, name=variable, timeout=timeout, keep=keep)
    from migrator.shadow.modes.claims_postgres import PostgresClaims

    return PostgresClaims(address, name=variable, timeout=timeout, keep=keep)
