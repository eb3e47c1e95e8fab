# ruff: noqa: E501 - manifests under test read better on one line
"""Packages of job systems in every kind of manifest, with exact places; locks are none."""

from __future__ import annotations

import pytest

from migrator.jobs import Dependency, Inventory, literal_of
from migrator.scanners import scan
from migrator.scanners.files import walk
from migrator.scanners.found import Found
from migrator.scanners.manifests import read_manifests
from migrator.scanners.manifests.requirement import read

Row = tuple[str, str, int, str]


def rows(inventory: Inventory) -> list[Row]:
    return [(d.system, d.name, d.location.line, d.version) for d in inventory.of(Dependency)]


@pytest.mark.parametrize(
    ("path", "text", "expected", "entry"),
    [
        pytest.param("requirements.txt", "# x\nCelery[redis,msgpack] >= 5.4, <6 ; python_version > '3'  # why\n", ("celery", "celery", 2, ">=5.4,<6"), "Celery[redis,msgpack] >= 5.4, <6", id="requirements"),
        pytest.param("requirements/base.in", "-r other.txt\n--index-url https://x/\ncelery\n", ("celery", "celery", 3, ""), "celery", id="requirements folder"),
        pytest.param("dev-requirements.txt", "celery==5.4.0 \\\n    --hash=sha256:abc\n", ("celery", "celery", 1, "==5.4.0"), "celery==5.4.0", id="hashes"),
        pytest.param("requirements.txt", "\ufeffcelery~=5.4\r\n", ("celery", "celery", 1, "~=5.4"), "celery~=5.4", id="mark and Windows line ends"),
        pytest.param("requirements.txt", "# é\ncelery @ git+https://host/celery@main\n", ("celery", "celery", 2, "@git+https://host/celery@main"), "celery @ git+https://host/celery@main", id="address"),
        pytest.param("pyproject.toml", '[project]\nname = "é"\ndependencies = [\n  "celery[redis]>=5.4", # x\n]\n', ("celery", "celery", 4, ">=5.4"), '"celery[redis]>=5.4"', id="project"),
        pytest.param("pyproject.toml", '[project.optional-dependencies]\njobs = ["celery>=5"]\n', ("celery", "celery", 2, ">=5"), '"celery>=5"', id="extra"),
        pytest.param("pyproject.toml", '[dependency-groups]\ndev = ["celery-types", {include-group = "x"}]\n', ("celery", "celery-types", 2, ""), '"celery-types"', id="group"),
        pytest.param("pyproject.toml", '[tool.poetry.dependencies]\ncelery = { version = "^5.4", extras = ["redis"] }\n', ("celery", "celery", 2, "^5.4"), 'celery = { version = "^5.4", extras = ["redis"] }', id="Poetry"),
        pytest.param("pyproject.toml", '[tool.poetry.group.dev.dependencies]\n"celery" = "^5"\n', ("celery", "celery", 2, "^5"), '"celery" = "^5"', id="Poetry group"),
        pytest.param("Pipfile", '[packages]\ncelery = "*"\n', ("celery", "celery", 2, "*"), 'celery = "*"', id="Pipfile"),
        pytest.param("setup.cfg", "[options]\ninstall_requires =\n    # x\n    celery[redis]>=5\n", ("celery", "celery", 4, ">=5"), "celery[redis]>=5", id="setup.cfg"),
        pytest.param("setup.cfg", "[options.extras_require]\njobs = celery>=5\n", ("celery", "celery", 2, ">=5"), "celery>=5", id="extra of setup.cfg"),
        pytest.param("setup.py", "from setuptools import setup\nsetup(install_requires=['celery>=5'])\n", ("celery", "celery", 2, ">=5"), "'celery>=5'", id="setup.py"),
        pytest.param("setup.py", "REQUIREMENTS = ['celery>=5']\n", ("celery", "celery", 1, ">=5"), "'celery>=5'", id="setup.py constant"),
        pytest.param("package.json", '{\n\t"dependencies": { "bullmq": "^5.1.0" }\n}', ("bullmq", "bullmq", 2, "^5.1.0"), '"bullmq": "^5.1.0"', id="package.json"),
        pytest.param("packages/a/package.json", '{"peerDependencies": {"pg-boss": ">=10"}}', ("pg-boss", "pg-boss", 1, ">=10"), '"pg-boss": ">=10"', id="peer"),
        pytest.param("package.json", '{"workspaces": {"catalog": {"inngest": "^3"}}}', ("inngest", "inngest", 1, "^3"), '"inngest": "^3"', id="catalog of Bun"),
        pytest.param("package.json", '{"catalogs": {"jobs": {"inngest": "^3"}}}', ("inngest", "inngest", 1, "^3"), '"inngest": "^3"', id="named catalog"),
        pytest.param("pnpm-workspace.yaml", "packages: ['*']\ncatalog:\n  inngest: ^3.1.0\n", ("inngest", "inngest", 3, "^3.1.0"), "inngest: ^3.1.0", id="catalog of pnpm"),
        pytest.param("pnpm-workspace.yaml", "catalogs:\n  jobs:\n    bullmq: 5.0.0\n", ("bullmq", "bullmq", 3, "5.0.0"), "bullmq: 5.0.0", id="named catalog of pnpm"),
    ],
)  # fmt: skip
def test_forms(tmp_path, path: str, text: str, expected: Row, entry: str) -> None:
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())
    inventory = scan(tmp_path)
    assert rows(inventory) == [expected]
    (dependency,) = inventory.of(Dependency)
    assert dependency.entry is not None
    assert target.read_bytes()[dependency.entry.start : dependency.entry.end].decode() == entry
    assert inventory.unresolved == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("package-lock.json", '{"dependencies": {"bullmq": "5"}}', id="npm's lock"),
        pytest.param("poetry.lock", '[[package]]\nname = "celery"\n', id="Poetry's lock"),
        pytest.param("Pipfile.lock", '{"default": {"celery": {}}}', id="pipenv's lock"),
        pytest.param(
            "requirements.txt",
            "#\n# This file is autogenerated by pip-compile with Python 3.11\n#\ncelery==5.4.0\n    # via -r base.in\n",
            id="compiled",
        ),
        pytest.param("requirements.txt", "# celery\nnot-celery\ncelery-like\n", id="others"),
        pytest.param("pyproject.toml", '[tool.isort]\nknown_third_party = ["celery"]\n', id="a setting of another tool"),
        pytest.param("pyproject.toml", '[project]\nkeywords = ["celery"]\nname = "celery"\n', id="keyword"),
        pytest.param("package.json", '{"name": "bullmq", "keywords": ["bullmq"], "overrides": {}}', id="name"),
        pytest.param("sbom.json", '{"dependencies": {"bullmq": "5"}}', id="bill of materials"),
    ],
)
def test_no_dependency(scan_tree, path: str, text: str) -> None:
    assert rows(scan_tree({path: text})) == []


def test_a_file_beside_its_source_is_compiled(scan_tree) -> None:
    inventory = scan_tree({"requirements/base.in": "celery\n", "requirements/base.txt": "celery==5.4.0\nkombu==5.4\n"})
    assert [d.location.path for d in inventory.of(Dependency)] == ["requirements/base.in"]


def test_what_only_tests_need_is_set_apart(scan_tree) -> None:
    inventory = scan_tree(
        {"requirements-test.txt": "pytest-celery\n", "pyproject.toml": '[dependency-groups]\ntest = ["celery"]\ndev = ["flower"]\n'}
    )
    assert [(d.name, d.area) for d in inventory.of(Dependency)] == [("celery", "test"), ("flower", ""), ("pytest-celery", "test")]


def test_a_constraint_asks_for_nothing(scan_tree) -> None:
    (constraint,) = scan_tree({"constraints.txt": "celery==5.4.0\n"}).of(Dependency)
    assert (constraint.confidence, constraint.version) == ("likely", "==5.4.0")


@pytest.mark.parametrize(
    ("workspace", "text"),
    [
        pytest.param("pnpm-workspace.yaml", "catalog:\n  inngest: ^3.1.0\n", id="pnpm"),
        pytest.param("pnpm-workspace.yaml", "catalogs:\n  default:\n    inngest: ^3.1.0\n", id="pnpm, by its long name"),
        pytest.param("package.json", '{"workspaces": {"packages": ["*"], "catalog": {"inngest": "^3.1.0"}}}', id="Bun"),
    ],
)
def test_a_version_from_the_workspace(scan_tree, workspace: str, text: str) -> None:
    inventory = scan_tree({workspace: text, "packages/a/package.json": '{"dependencies": {"inngest": "catalog:"}}'})
    assert {(d.location.path, d.version) for d in inventory.of(Dependency)} == {
        (workspace, "^3.1.0"),
        ("packages/a/package.json", "^3.1.0"),
    }


def test_a_named_catalog(scan_tree) -> None:
    inventory = scan_tree(
        {
            "pnpm-workspace.yaml": "catalogs:\n  old:\n    inngest: ^2\n  new:\n    inngest: ^3\n",
            "a/package.json": '{"dependencies": {"inngest": "catalog:new"}}',
        }
    )
    assert [d.version for d in inventory.of(Dependency) if d.location.path == "a/package.json"] == ["^3"]


def test_versions_hold_for_the_folders_below(tmp_path) -> None:
    for path, text in {
        "package.json": '{"dependencies": {"bullmq": "^4"}}',
        "new/package.json": '{"dependencies": {"bullmq": "^5"}}',
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    versions = read_manifests(walk(tmp_path), Found())
    assert (versions.major("src/a.ts", "bullmq"), versions.major("new/src/a.ts", "bullmq")) == (4, 5)


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        pytest.param("package.json", '{"dependencies": {"bullmq": "^5" "x": }}', ["bullmq"], id="JSON"),
        pytest.param("package.json", "[1, 2", [], id="no object"),
        pytest.param("pyproject.toml", '[project]\ndependencies = ["celery"\nname = \n', None, id="TOML"),
        pytest.param("pnpm-workspace.yaml", "catalog:\n\t- x: [\n", [], id="YAML"),
    ],
)
def test_what_is_malformed_is_reported_with_its_place(scan_tree, path: str, text: str, found: list[str] | None) -> None:
    inventory = scan_tree({path: text})
    assert [u.path for u in inventory.unresolved] == [path]
    assert 1 <= inventory.unresolved[0].line <= text.count("\n") + 1
    if found is not None:
        assert [d.name for d in inventory.of(Dependency)] == found


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"celery\xff>=5\n"])
@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "setup.py",
        "setup.cfg",
        "docker-compose.yml",
        "Procfile",
        ".env",
        "Makefile",
        "Dockerfile",
        "turbo.json",
    ],
)
def test_nothing_that_a_file_holds_stops_the_scan(tmp_path, path: str, data: bytes) -> None:
    (tmp_path / path).write_bytes(data)
    assert scan(tmp_path).stats.files_seen == 1


@pytest.mark.parametrize(
    ("text", "name", "extras", "version"),
    [
        ("celery", "celery", (), ""),
        ("celery (>=5,<6)", "celery", (), ">=5,<6"),
        ("celery==5.*", "celery", (), "==5.*"),
        ("celery[redis]", "celery", ("redis",), ""),
        ("celery;extra=='x'", "celery", (), ""),
        ("celery!=5.1 , >=5", "celery", (), "!=5.1,>=5"),
    ],
)
def test_requirements(text: str, name: str, extras: tuple[str, ...], version: str) -> None:
    found = read(text)
    assert found is not None
    assert (found.name, found.extras, found.version) == (name, extras, version)


def test_extras_are_kept(scan_tree) -> None:
    (dependency,) = scan_tree({"requirements.txt": "celery[redis,sqs]\n"}).of(Dependency)
    assert literal_of(dependency.options["extras"]) == ["redis", "sqs"]
