"""What a Redis says of itself: its version, memory, clients, persistence, and who may come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from migrator.errors import MigratorError
from migrator.live.state import Known, Untold
from migrator.scanners.runtime.redis import Store

_LOOPBACK = ("127.", "localhost", "::1")


@dataclass(frozen=True)
class RedisServer:
    """Facts of one server. Numbers are bytes, seconds and clients."""

    address: str
    product: str  #: `Redis`, `Valkey`, `Dragonfly`, …
    version: str
    cluster: bool
    policy: Known[str]
    evicted: int
    used: int
    maximum: int  #: 0 = none set
    clients: int
    most_clients: Known[int]
    appends: bool  #: writes every command to a log
    saved: float  #: since the last snapshot
    saved_well: bool
    replicas: int
    changes: int  #: since the last snapshot
    open: Known[str]  #: how somebody comes in without a password; empty when nobody does
    encrypted: bool
    local: bool  #: was reached over loopback or a socket

    @property
    def title(self) -> str:
        """Product and version."""
        return f"{self.product} {self.version}"


def read_server(store: Store, url: str, now: float) -> RedisServer:
    """Asks the server about itself.

    Raises:
        MigratorError: it does not even answer INFO.
    """
    (info,) = cast("list[Mapping[str, Any]]", store.many([("INFO", "all")]))
    settings = {name: _setting(store, name) for name in ("maxmemory-policy", "maxclients", "bind", "protected-mode")}
    policy, most = settings["maxmemory-policy"], settings["maxclients"]
    told = info.get("maxmemory_policy")
    most_told = info.get("maxclients")
    return RedisServer(
        address=store.address,
        product="Dragonfly" if "dragonfly_version" in info else "Valkey" if info.get("server_name") == "valkey" else "Redis",
        version=str(info.get("valkey_version") or info.get("redis_version") or "unknown"),
        cluster=info.get("redis_mode") == "cluster" or str(info.get("cluster_enabled")) == "1",
        policy=str(told) if told else policy,
        evicted=int(info.get("evicted_keys", 0)),
        used=int(info.get("used_memory", 0)),
        maximum=int(info.get("maxmemory", 0)),
        clients=int(info.get("connected_clients", 0)),
        most_clients=int(most_told) if most_told else most if isinstance(most, Untold) else int(most or 0),
        appends=str(info.get("aof_enabled")) == "1",
        saved=max(0.0, now - float(info.get("rdb_last_save_time", now))),
        saved_well=info.get("rdb_last_bgsave_status", "ok") == "ok",
        replicas=int(info.get("connected_slaves", 0)),
        changes=int(info.get("rdb_changes_since_last_save", 0)),
        open=_open(store, url, settings["bind"], settings["protected-mode"]),
        encrypted=url.startswith("rediss://"),
        local=_local(url),
    )


def _setting(store: Store, name: str) -> Known[str]:
    try:
        (found,) = store.many([("CONFIG GET", name)])
    except MigratorError as error:
        return Untold(f"the server does not say its `{name}` ({error.cause})")
    return str(cast("Mapping[str, Any]", found).get(name, ""))


def _open(store: Store, url: str, bind: Known[str], protected: Known[str]) -> Known[str]:
    """How somebody comes in without a password. We never try the door: what the server says of its own locks is what counts."""
    parts = urlsplit(url)
    given = parts.password or parse_qs(parts.query).get("password")
    if given:
        try:
            (user,) = store.many([("ACL GETUSER", "default")])
        except MigratorError as error:
            return Untold(f"whether the user `default` needs a password is not said ({error.cause})")
        flags = [str(flag) for flag in cast("Mapping[str, Any]", user or {}).get("flags", ())]
        return "the user `default` needs no password" if "nopass" in flags and "on" in flags else ""
    if isinstance(bind, Untold) or isinstance(protected, Untold):
        return "it answered without a password" if not _local(url) else Untold("who else can reach it without a password is not said")
    if protected == "yes" or (bind and all(_is_loopback(word.lstrip("-")) for word in bind.split())):
        return ""
    return "it answered without a password, and does not keep other machines out"


def _local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "unix" or _is_loopback(parts.hostname or "localhost")


def _is_loopback(host: str) -> bool:
    return host.startswith(_LOOPBACK)
