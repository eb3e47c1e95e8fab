"""With the last function the client's name goes too, wherever it stands; where it cannot be followed, it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.typescript.inngest_to_bullmq.application import one, rewrite, tree

BARREL = 'import { inngest } from "./client";\n\nexport { inngest };\n'
ALIASED = 'import { inngest } from "./client";\n\nexport { inngest as events };\n'


def _send(module: str, name: str = "inngest") -> str:
    return f'import {{ {name} }} from "{module}";\n\nexport const go = () => {name}.send({{ name: "a/x", data: {{ n: 1 }} }});\n'


def test_a_file_that_imports_the_client_and_exports_it_again(tmp_path: Path) -> None:
    files = tree(
        one(), "f1", **{"src/barrel.ts": BARREL, "src/index.ts": 'export { inngest } from "./barrel";\n', "src/go.ts": _send("./index")}
    )
    after = rewrite(tmp_path, files)
    assert after.whole
    assert after.files["src/barrel.ts"] == 'import { jobs } from "./client";\n\nexport { jobs };\n'
    assert after.files["src/index.ts"] == 'export { jobs } from "./barrel";\n'
    assert after.files["src/go.ts"] == _send("./index", "jobs")


def test_a_name_that_a_file_gives_to_others_stays_theirs(tmp_path: Path) -> None:
    files = tree(one(), "f1", **{"src/barrel.ts": ALIASED, "src/go.ts": _send("./barrel", "events")})
    after = rewrite(tmp_path, files)
    assert after.files["src/barrel.ts"] == 'import { jobs } from "./client";\n\nexport { jobs as events };\n'
    assert after.files["src/go.ts"] == files["src/go.ts"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(
            "src/all.ts",
            'import * as client from "./client";\n\nexport const stop = () => client.inngest.send({ name: "a/x" });\n',
            id="as a whole",
        ),
        pytest.param(
            "src/all.ts",
            'import * as client from "./barrel";\n\nexport const stop = () => client.inngest.send({ name: "a/x" });\n',
            id="a file that passes it on, as a whole",
        ),
        pytest.param(
            "src/old.cjs", 'const client = require("./client");\n\nclient.inngest.send({ name: "a/x" });\n', id="required as a whole"
        ),
        pytest.param("src/Page.vue", '<script setup lang="ts">\nimport { inngest } from "./client";\n</script>\n', id="a component"),
    ],
)
def test_where_it_cannot_be_followed_the_name_stays(tmp_path: Path, path: str, text: str) -> None:
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/barrel.ts": BARREL, path: text}))
    assert after.outcome()[0] == "rewritten"
    assert "export const inngest = createJobs(" in after.files["src/client.ts"]
    assert after.files["src/barrel.ts"] == BARREL
    assert after.files[path] == text
