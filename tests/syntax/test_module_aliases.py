"""Names of folders that stand elsewhere than in a `tsconfig`."""

from __future__ import annotations

import pytest

from migrator.syntax.typescript_modules import TypeScriptModules


class Tree(dict[str, str]):
    """Files by path."""

    @property
    def sizes(self) -> list[str]:
        return list(self)

    def read(self, path: str) -> bytes:
        return self[path].encode()


def _webpack(alias: str) -> dict[str, str]:
    return {"app/webpack.config.js": f"module.exports = {{ resolve: {{ alias: {{ {alias} }} }} }}"}


def _manifest(alias: str) -> dict[str, str]:
    return {"app/package.json": f'{{"dependencies": {{"asked": "1"}}, "_moduleAliases": {{{alias}}}}}'}


def _kit(alias: str) -> dict[str, str]:
    return {"app/svelte.config.js": f"export default {{ kit: {{ alias: {{ {alias} }} }} }}"}


BABEL = '{"plugins": [["module-resolver", {"root": ["."], "alias": {"jobs": "./src/lib"}}]]}'
VITE = "export default { resolve: { alias: { '#q': fileURLToPath(new URL('./src/lib', import.meta.url)) } } }"

#: form -> (files besides `app/package.json` and `app/src/lib/q.ts`, specifier)
FORMS: dict[str, tuple[dict[str, str], str]] = {
    "module-alias": (_manifest('"@lib": "./src/lib"'), "@lib/q"),
    "Babel": ({"app/.babelrc": BABEL}, "jobs/q"),
    "Webpack": (_webpack("lib: path.resolve(__dirname, 'src', 'lib')"), "lib/q"),
    "Webpack, the folder itself": (_webpack("root: path.join(__dirname)"), "root/src/lib/q"),
    "Vite": ({"app/vite.config.ts": VITE}, "#q/q"),
    "SvelteKit's own": ({}, "$lib/q"),
    "SvelteKit's, given by the project": (_kit("$jobs: './src/lib', $x: './y'"), "$jobs/q"),
    "with a star": (_kit("'$jobs/*': './src/lib/*'"), "$jobs/q"),
    "a sign for the sources": ({}, "~/lib/q"),
    "a sign for the package": ({}, "@/src/lib/q"),
    "two signs": ({}, "~~/src/lib/q"),
}


@pytest.mark.parametrize(("files", "specifier"), FORMS.values(), ids=FORMS)
def test_a_folder_has_another_name(files: dict[str, str], specifier: str) -> None:
    tree = Tree({"package.json": "{}", "app/package.json": "{}", "app/src/lib/q.ts": "", "lib/q.ts": "", **files})
    assert TypeScriptModules(tree).resolve("app/src/routes/use.ts", specifier) == "app/src/lib/q.ts"


#: what is no file of the tree -> (further files, specifier)
OTHERS: dict[str, tuple[dict[str, str], str]] = {
    "two folders that it may be": ({"app/lib/q.ts": ""}, "~/lib/q"),
    "another package's": (_manifest('"asked": "src/lib"'), "asked/q"),
    "another name": (_manifest('"@lib": "src/lib"'), "@library/q"),
    "a package in place of another": (_webpack("react: 'preact/compat'"), "react"),
    "a folder of another package": ({"other/package.json": "{}", "other/src/x.ts": ""}, "~/other/src/x"),
    "no alias at all": ({}, "lib/q"),
}


@pytest.mark.parametrize(("files", "specifier"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_told_is_not_guessed(files: dict[str, str], specifier: str) -> None:
    tree = Tree({"package.json": "{}", "app/package.json": "{}", "app/src/lib/q.ts": "", "preact/compat.ts": "", **files})
    assert TypeScriptModules(tree).resolve("app/src/routes/use.ts", specifier) == ""
