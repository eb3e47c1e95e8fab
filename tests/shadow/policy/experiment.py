"""An experiment file with everything that routing knows."""

from __future__ import annotations

from pathlib import Path

from migrator.whole_file import replace

EVERYTHING = """\
[experiment]
name = "Mail-1"
salt = "exp1"
current = "old"

[arms.old]
system = "postgres-table"
connection = "DATABASE_URL"
weight = 33
[arms.new]
system = "pg-boss"
connection = "DATABASE_URL"
weight = 33
[arms."it's \\\\ new"]
system = "bullmq"
connection = "REDIS_URL"
weight = 34

[routing]
poll = 0.05
[[routing.jobs]]
match = "mail.*"
weights = { new = 1, old = 3 }
[[routing.jobs]]
match = "mail.reset"
arm = "new"
[[routing.jobs]]
match = "50%_o?f"
arm = "it's \\\\ new"
[[routing.jobs]]
match = "send-*"
arm = "new"
[[routing.jobs]]
match = "to.(all)/$?"
arm = "new"
[routing.exclude]
jobs = ["payments.*", "it's"]
tenants = ["acme", "o'hara"]
payload_bytes = 1000
deadline = 2.5
[routing.ramp]
steps = ["1%/1d", "50%/2d", "100%"]
"""


def experiment(folder: Path, text: str = EVERYTHING) -> Path:
    """The file, written: whole, for somebody may be following it."""
    file = folder / "experiment.toml"
    # An arm's name is narrow in the file; what is generated must bear any.
    replace(text.replace('"it\'s \\\\ new"', '"third"').encode(), file)
    return file
