"""Trees that somebody made to break a reader: each ends in a report that names the file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.jobs import Inventory, Job
from migrator.reporting.audit import render
from migrator.scanners import scan
from migrator.scanners.files import walk

TASK = b"from celery import shared_task\n@shared_task\ndef job(): pass\n"
QUEUE = b'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\n'
MANY = 20_000
#: as much in each of forty manifests
LOTS = 4_000


def read(root: Path) -> Inventory:
    """Scan a tree with all short cuts and without, and write the report in every form that is a text."""
    inventory = scan(root)
    assert scan(root, prefilter=False).items == inventory.items
    for form in ("text", "json", "markdown", "csv", "html"):
        render(inventory, form).encode()
    return inventory


def told(inventory: Inventory) -> dict[str, str]:
    """path -> what the report says could not be read."""
    return {u.path: u.reason for u in inventory.unresolved}


#: name -> (file, bytes); each of them is too deep to be read, whatever makes it so
DEEP = {
    "lists": ("a.py", b"x = " + b"[" * MANY + b"]" * MANY),
    "calls in calls": ("a.py", b"x = " + b"a.b(" * MANY + b")" * MANY),
    "not not": ("a.py", b"x = " + b"not " * MANY + b"1\n"),
    "a sum": ("a.py", b"x = " + b"1+" * MANY + b"1\n"),
    "attributes": ("a.py", b"shared_task" + b".x" * MANY + b"()\n"),
    "blocks": ("a.py", b"".join(b" " * depth + b"if x:\n" for depth in range(1500)) + b" " * 1500 + b"pass\n"),
    "objects": ("a.ts", b"const x = " + b"{a:" * MANY + b"1" + b"}" * MANY),
    "chain": ("a.ts", b'const x = new Queue("a")' + b'.add("x")' * MANY),
    "negations": ("a.ts", b"const x = " + b"!" * MANY + b"1;"),
    "choices": ("a.ts", b"const x = " + b"a?b:" * MANY + b"c;"),
    "functions": ("a.ts", b"const x = " + b"y=>" * MANY + b"1;"),
    "elements": ("a.tsx", b"const x = " + b"<a>" * MANY + b"</a>" * MANY),
}


@pytest.mark.parametrize("form", DEEP)
def test_what_is_too_deep_is_named(tmp_path: Path, form: str) -> None:
    name, code = DEEP[form]
    (tmp_path / name).write_bytes((TASK if name.endswith(".py") else QUEUE) + code)
    assert told(read(tmp_path))[name] == "nested more than 1000 deep, not read"


def test_what_is_deep_but_not_too_deep_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(TASK + b"x = " + b"[" * 400 + b"]" * 400)
    inventory = read(tmp_path)
    assert [j.name for j in inventory.of(Job)] == ["a.job"]
    assert told(inventory) == {}


def test_a_file_of_a_hundred_megabytes_is_named_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.py").open("wb") as stream:
        stream.write(TASK)
        stream.truncate(100_000_000)
    assert told(read(tmp_path)) == {"big.py": "not read: over 2 MB"}


#: name -> bytes of a file that holds one job; all of them are read
READ = {
    "mark of UTF-8": b"\xef\xbb\xbf" + TASK,
    "Windows lines": TASK.replace(b"\n", b"\r\n"),
    "UTF-16": TASK.decode().encode("utf-16"),
    "UTF-16, the other way round": b"\xfe\xff" + TASK.decode().encode("utf-16-be"),
    "UTF-16 without a mark": TASK.decode().encode("utf-16-le"),
    "UTF-16 without a mark, the other way round": TASK.decode().encode("utf-16-be"),
    "Python 2": b'print "x"\nexec "y"\n`a`\n' + TASK + b'raise E, "x"\n',
    "bytes that are no text": TASK + b"x = '\xff\xfe\x80'\n",
    "zero bytes": TASK + b"x = '\0\0'\n",
    "no end of line": TASK.rstrip(b"\n"),
    "empty lines": b"\n" * MANY + TASK,
}


@pytest.mark.parametrize("form", READ)
def test_odd_bytes_are_read(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.py").write_bytes(READ[form])
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "empty.ts").write_bytes(b"")
    assert [j.name for j in read(tmp_path).of(Job)] == ["a.job"]


def test_a_text_that_ends_amid_a_character_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(TASK.decode().encode("utf-16") + b"\xd8")
    assert [j.name for j in read(tmp_path).of(Job)] == ["a.job"]


def test_links_are_not_followed_and_pipes_not_waited_for(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.py").write_bytes(TASK)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.py").write_bytes(TASK)
    (tree / "out").symlink_to(outside)
    (tree / "out.py").symlink_to(outside / "b.py")
    (tree / "round").symlink_to(".")
    (tree / "self.py").symlink_to("self.py")
    os.mkfifo(tree / "pipe.py")
    folder = os.open(tree, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            # By way of the folder, because the name of a socket may not be long.
            bound.bind(f"/proc/self/fd/{folder}/socket.py" if Path("/proc/self/fd").is_dir() else str(tree / "socket.py"))
            inventory = read(tree)
    finally:
        os.close(folder)
    assert [j.name for j in inventory.of(Job)] == ["a.job"]
    assert told(inventory) == dict.fromkeys(("pipe.py", "socket.py"), "not read: a pipe, socket or device")
    assert inventory.stats.files_skipped["link"] == 4


@pytest.mark.parametrize("name", ["package.json", "pyproject.toml", "Procfile", "docker-compose.yml", "job.py", "job.ts", "tsconfig.json"])
def test_a_folder_with_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.py").write_bytes(TASK)
    assert len(read(tmp_path).of(Job)) == 1


def test_names_of_files_in_any_bytes(tmp_path: Path) -> None:
    for name in ("new\nline.py", 'tab\t"quote.py', "back\\slash.py", "größe.py", "\x1b[31mred.py", "|pipe`.py"):
        (tmp_path / name).write_bytes(TASK)
    odd = os.fsencode(tmp_path) + b"/odd\xff"
    os.mkdir(odd)  # noqa: PTH102 - a name that is no text
    for name in (b"a.py", b"Procfile"):
        with open(odd + b"/" + name, "wb") as stream:  # noqa: PTH123 - a name that is no text
            stream.write(TASK)
    inventory = read(tmp_path)
    assert len(inventory.of(Job)) == 6
    assert told(inventory) == dict.fromkeys(("odd\ufffd/a.py", "odd\ufffd/Procfile"), "not read: its name is not UTF-8")


def test_what_is_gone_before_it_is_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(TASK)
    tree = walk(tmp_path)
    (tmp_path / "a.py").unlink()
    assert tree.read("a.py") == b""
    assert tree.skipped == {"no such file or directory": ["a.py"]}


MANIFESTS = (
    *("package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "pyproject.toml", "poetry.lock", "uv.lock", "Pipfile"),
    *("Pipfile.lock", "setup.cfg", "setup.py", "requirements.txt", "Dockerfile", "docker-compose.yml", "Procfile", ".env", "app.json"),
    *("supervisord.conf", "x.service", "x.timer", "values.yaml", "chart/templates/x.yaml", "netlify.toml", "vercel.json", "main.tf"),
    *("serverless.yml", "template.yaml", ".github/workflows/a.yml", "tsconfig.json", "schema.prisma", "a.sql", "crontab", "fly.toml"),
    *("render.yaml", "railway.json", "turbo.json", "Makefile", "x.sh", "pnpm-workspace.yaml", "ecosystem.config.js", "cdk.json"),
)
_LEVELS = b"\n".join(b"%c: &%c [%s]" % (c + 1, c + 1, b",".join([b"*%c" % c] * 9)) for c in range(ord("a"), ord("j")))
#: name -> bytes that stand in every manifest at once
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "half of it": b'{"dependencies": {"bullmq": "5", "celery": ',
    "a list": b'["bullmq", "celery"]',
    "a text": b'"celery bullmq"',
    "nothing at all": b"null # celery bullmq",
    "no text": b"\xff\xfe\x00celery worker bullmq\xff",
    "zero bytes": b"celery worker\0bullmq",
    "deep": b'{"a":' * LOTS + b'"celery bullmq"' + b"}" * LOTS,
    "deep and open": b"celery: bullmq\nx: " + b"[" * LOTS,
    "deep blocks": b"celery: worker\nx:\n  " + b"- " * LOTS + b"bullmq",
    "aliases that grow": b"a: &a [celery, worker]\n" + _LEVELS + b"\nservices: {x: {command: *i}}\n",
    "an alias of itself": b"services: &a {celery: *a, command: [*a, *a], x: [*a, *a, *a]}\n",
    "code for a loader": b"services: !!python/object/apply:os.system ['celery worker']\n",
    "wrong kinds": b'{"name": 1, "dependencies": ["bullmq"], "scripts": 5, "workspaces": {"packages": 7}, "crons": 3, "functions": [1],'
    b'"exports": 7, "imports": [], "compilerOptions": {"paths": 3, "baseUrl": []}, "extends": [1], "celery": []}',
    "more wrong kinds": b'{"name": null, "dependencies": {"bullmq": 5, "celery": null}, "scripts": {"a": ["celery worker"], "b": null},'
    b'"crons": [1, {"path": 2}], "functions": {"a": 1}, "compilerOptions": {"paths": {"a": 1, "b": [2]}}, "extends": "./tsconfig.json"}',
    "wrong tables": b"celery = 1\nproject = 1\n[tool.poetry.dependencies]\ncelery = []\nbullmq = {version = 1}\n"
    b"[functions]\nx = 1\n[build]\ncommand = 4\n",
    "wrong lists": b"services:\n  a: 1\n  b: [celery]\n  c:\n    command: {a: celery}\n    environment: 5\n"
    b"  d: {command: [1, [celery], null]}\n"
    b"Resources: {a: 1, b: {Type: 3, Properties: [AWS]}}\nfunctions:\n  - 1\n  - x: {events: 3}\n  - y: {events: [1, {schedule: [1]}]}\n"
    b"jobs: 7\non: {schedule: 3}\nspec: [1]\nkind: CronJob\n",
    "UTF-16": '{"dependencies": {"bullmq": "5"}, "celery": "worker"}'.encode("utf-16"),
    "one long command": b"celery worker " * LOTS,
    "open quotes": b"worker: celery -A 'x worker -Q \"a\nCMD [\"celery\", 'worker'\nrun: `celery worker\n$(celery worker",
    "control characters": b"worker: celery -A x worker -Q \x1b[31m\x07\x00",
}


@pytest.mark.parametrize("form", MALFORMED)
def test_malformed_manifests(tmp_path: Path, form: str) -> None:
    for name in MANIFESTS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MALFORMED[form])
    (tmp_path / "a.py").write_bytes(TASK)
    (tmp_path / "a.ts").write_bytes(QUEUE + b'import { x } from "pkg/y";\n')
    assert [j.name for j in read(tmp_path).of(Job)] == ["a.job"]


_FRAGMENTS = st.sampled_from(
    (
        *(
            TASK,
            QUEUE,
            b"from .b import *\n",
            b'export * from "./b";\n',
            b"shared_task",
            b".delay(",
            b"apply_async(",
            b"mails.add(",
            b"await ",
        ),
        *(
            b"(",
            b")",
            b"[",
            b"]",
            b"{",
            b"}",
            b"'",
            b'"',
            b"`",
            b"\n",
            b"    ",
            b"\t",
            b"\0",
            b"\xff",
            b"\\",
            b"#",
            b"//",
            b"/*",
            b"*/",
            b"=>",
        ),
        *(b"class A(B):\n", b"def f(self, *a, **k):\n", b"@", b"lambda x: ", b"async ", b"import ", b"from ", b"export default ", b"this."),
        *(b"self.", b"=", b",", b":", b".", b"...", b"x", b"job", b"1", b"f'{x}'", b"${", b"<a>", b"</a>", b"\r\n", b"\xef\xbb\xbf"),
        *(
            b'{"dependencies": {"bullmq": "5"}}',
            b"celery -A x worker",
            b"CREATE TABLE jobs (",
            b"status text",
            b"- ",
            b"&a ",
            b"*a",
            b"<<: ",
        ),
    )
)
_FILES = st.sampled_from(
    (
        "a.py",
        "b.py",
        "pkg/__init__.py",
        "a.ts",
        "b.tsx",
        "c.js",
        "package.json",
        "docker-compose.yml",
        "Procfile",
        "a.sql",
        "pyproject.toml",
    )
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(_FILES, st.lists(_FRAGMENTS, max_size=30).map(b"".join), max_size=4))
def test_any_bytes_end_in_a_report(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    root = tmp_path_factory.mktemp("tree")
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    inventory = read(root)
    assert {i.location.path for i in inventory.items} <= set(files)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 80), junk=st.binary(max_size=6))
def test_a_file_that_was_damaged_ends_in_a_report(tmp_path_factory: pytest.TempPathFactory, place: int, junk: bytes) -> None:
    root = tmp_path_factory.mktemp("tree")
    code = TASK + b"job.delay(1)\n"
    (root / "a.py").write_bytes(code[:place] + junk + code[place:])
    assert read(root).stats.files_seen == 1
