"""Where jobs share one thread, and calls that keep it from everybody else while they wait or compute."""

from __future__ import annotations

from migrator.regex import regex

#: systems whose workers run many JavaScript jobs, and all their own housekeeping, in one event loop of a process that lives on
JAVASCRIPT = ("bullmq", "bull", "pg-boss", "agenda", "graphile-worker", "bee-queue", "node-cron", "croner", "nest-schedule")
#: systems that run asynchronous Python functions in one event loop
PYTHON = ("arq", "taskiq", "procrastinate", "inngest", "apscheduler", "dramatiq")
#: what stands in every file with one of the calls below
MARKERS = (b"Sync", b"sleep", b"requests", b"urlopen", b"httpx", b"subprocess", b"os.system")
#: keys of calls that block as long as a program, a network or a sleep takes
LONG = regex(
    r"(?:node:)?child_process(?:\.default)?\.(?:execSync|spawnSync|execFileSync)|(?:node:)?crypto(?:\.default)?\.(?:pbkdf2Sync|scryptSync)"
    r"|bcrypt(?:js)?(?:\.default)?\.(?:hashSync|compareSync)|time\.sleep|requests\.(?:get|post|put|patch|delete|head|request)"
    r"|requests\.(?:Session|session)\(\)\.(?:get|post|put|patch|delete|head|request)|urllib\.request\.urlopen"
    r"|httpx\.(?:get|post|put|patch|delete|head|request|stream)|subprocess\.(?:run|call|check_call|check_output)|os\.system"
)
#: keys of calls that block as long as a file is large
FILES = regex(
    r"(?:node:)?(?:fs|fs-extra|zlib)(?:\.default)?\.(?:readFileSync|writeFileSync|appendFileSync|copyFileSync|cpSync|rmSync"
    r"|gzipSync|gunzipSync|deflateSync|inflateSync|brotliCompressSync|brotliDecompressSync)"
)
