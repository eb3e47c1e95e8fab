"""Where imports lead."""

from __future__ import annotations

from migrator.syntax.typescript_modules import TypeScriptModules


class Tree(dict[str, bytes]):
    """Files by path."""

    @property
    def sizes(self) -> list[str]:
        return list(self)

    def read(self, path: str) -> bytes:
        return self[path]


def test_a_package_that_is_called_like_one_of_its_dependencies_does_not_import_itself() -> None:
    modules = TypeScriptModules(
        Tree({"package.json": b'{ "name": "inngest", "main": "index.js" }', "src/index.ts": b"", "src/inngest.ts": b""})
    )
    assert modules.resolve("src/inngest.ts", "inngest") == ""
    assert modules.resolve("src/index.ts", "./inngest") == "src/inngest.ts"


def test_a_package_reaches_itself_by_what_it_exports() -> None:
    modules = TypeScriptModules(
        Tree({"package.json": b'{ "name": "shop", "exports": "./src/index.ts" }', "src/index.ts": b"", "src/a.ts": b""})
    )
    assert modules.resolve("src/a.ts", "shop") == "src/index.ts"


def test_a_member_of_a_workspace_reaches_itself_by_its_name_unless_it_depends_on_another_of_that_name() -> None:
    tree = Tree(
        {
            "a/package.json": b'{ "name": "@x/a" }',
            "a/jobs.ts": b"",
            "b/package.json": b'{ "name": "b", "dependencies": {"b": "1"} }',
            "b/x.ts": b"",
        }
    )
    assert TypeScriptModules(tree).resolve("a/mail.ts", "@x/a/jobs") == "a/jobs.ts"
    assert TypeScriptModules(tree).resolve("b/y.ts", "b/x") == ""


def test_a_package_reaches_another_one_of_the_workspace_by_its_name() -> None:
    tree = Tree(
        {"a/package.json": b'{ "name": "@x/a" }', "a/src/index.ts": b"", "b/package.json": b'{ "name": "@x/b" }', "b/src/go.ts": b""}
    )
    assert TypeScriptModules(tree).resolve("b/src/go.ts", "@x/a") == "a/src/index.ts"


def test_a_folder_below_the_base_is_not_the_package_of_its_name() -> None:
    tree = Tree(
        {
            "tsconfig.json": b'{ "compilerOptions": { "baseUrl": "." } }',
            "package.json": b'{ "dependencies": { "inngest": "^3" } }',
            "inngest/index.ts": b"",
            "lib/mail.ts": b"",
            "apps/web/page.ts": b"",
        }
    )
    modules = TypeScriptModules(tree)
    assert modules.resolve("lib/mail.ts", "inngest") == ""
    assert modules.resolve("apps/web/page.ts", "inngest") == ""
    assert modules.resolve("inngest/index.ts", "lib/mail") == "lib/mail.ts"
    # Where nobody asks for a package of that name, the folder is meant.
    assert TypeScriptModules(Tree({**tree, "package.json": b"{}"})).resolve("lib/mail.ts", "inngest") == "inngest/index.ts"


def test_a_path_into_the_installed_packages_means_the_package() -> None:
    paths = b'{ "inngest": ["./node_modules/inngest/index.d.ts"], "inngest/*": ["./node_modules/inngest/*"], "@/*": ["src/*", "./*"] }'
    config = b'{ "compilerOptions": { "baseUrl": ".", "paths": ' + paths + b" } }"
    modules = TypeScriptModules(Tree({"tsconfig.json": config, "inngest/index.ts": b"", "inngest/next.ts": b"", "a.ts": b""}))
    assert modules.resolve("a.ts", "inngest") == ""
    assert modules.resolve("a.ts", "inngest/next") == ""
    assert modules.resolve("a.ts", "@/inngest/next") == "inngest/next.ts"


def test_what_stands_under_opt_is_the_file_of_a_layer_nearest_to_who_asks() -> None:
    tree = Tree(
        {
            "api/layers/base/base.js": b"",
            "api/layers/mail/nodejs/lib/send.ts": b"",
            "api/layers/mail/nodejs/node_modules/base.js": b"",
            "api/handlers/a.js": b"",
            "jobs/my-layer/base.js": b"",
            "jobs/run.js": b"",
            "tools/run.js": b"",
            "tools/other.js": b"",
        }
    )
    modules = TypeScriptModules(tree)
    assert modules.resolve("api/handlers/a.js", "/opt/base") == "api/layers/base/base.js"
    assert modules.resolve("jobs/run.js", "/opt/nodejs/base") == "jobs/my-layer/base.js"
    assert modules.resolve("api/handlers/a.js", "/opt/nodejs/lib/send") == "api/layers/mail/nodejs/lib/send.ts"
    # Two that are as near; a file that is in no layer; another absolute path.
    assert modules.resolve("tools/run.js", "/opt/base") == ""
    assert modules.resolve("jobs/run.js", "/opt/other") == ""
    assert modules.resolve("api/handlers/a.js", "/srv/base") == ""
