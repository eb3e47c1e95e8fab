"""The real RabbitMQ: what `apt install rabbitmq-server` brings, as a node of its own on loopback, gone afterwards with its files."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from kombu.connection import Connection

from migrator.servers.guarded import Guarded

#: Debian's own starter insists on its own account and folders; this is what it starts.
PROGRAMS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
PATIENCE = 60


@contextmanager
def rabbitmq() -> Generator[str]:
    """The address of a broker. Without one on this machine the test is skipped, or fails where `MIGRATOR_REQUIRE_SERVERS` is 1."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    epmd = shutil.which("epmd")
    if program is None or epmd is None:
        reason = "no RabbitMQ on this machine: Celery on RabbitMQ was not tested"
        if os.environ.get("MIGRATOR_REQUIRE_SERVERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    names, nodes, clients = free_port(), free_port(), free_port()
    # A node asks a daemon for the ports of others. One that the node starts itself would outlive it, and listen to everybody.
    common = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "ERL_EPMD_PORT": str(names), "ERL_EPMD_ADDRESS": "127.0.0.1"}
    with Guarded("epmd") as daemon, Guarded("rabbitmq") as broker:
        daemon.run([[epmd, "-port", str(names), "-address", "127.0.0.1"]], environ=common, stop=signal.SIGTERM)
        daemon.wait(lambda: refusal(names), PATIENCE)
        folder = broker.folder
        broker.write("rabbit.conf", "loopback_users = none\ndefault_user = migrator\ndefault_pass = rabbit\n")
        broker.write("plugins", "[].\n")
        settings = {
            "NODENAME": "migrator@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": str(clients),
            "DIST_PORT": str(nodes),
            "MNESIA_BASE": str(folder / "mnesia"),
            "LOG_BASE": str(folder / "log-files"),
            "LOGS": "-",
            "CONFIG_FILE": str(folder / "rabbit"),
            "CONF_ENV_FILE": str(folder / "none"),
            "ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        environ = {**common, "HOME": str(folder), **{f"RABBITMQ_{name}": value for name, value in settings.items()}}
        address = f"amqp://migrator:rabbit@127.0.0.1:{clients}//"
        broker.run([[program]], environ=environ, stop=signal.SIGTERM)
        broker.wait(lambda: unanswered(address), PATIENCE)
        yield address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refusal(port: int) -> str | None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError as error:
        return str(error)
    return None


def unanswered(address: str) -> str | None:
    try:
        with Connection(address, connect_timeout=20) as connection:
            connection.connect()
    except Exception as error:  # noqa: BLE001 - whatever it is, the broker is not ready
        return str(error) or type(error).__name__
    return None
