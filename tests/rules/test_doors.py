"""Routes that a scheduler calls: what on the way to them asks who is calling, and what only looks like it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.jobs.findings import Check
from migrator.rules import check
from migrator.scanners import scan

CRON = {
    "vercel.json": '{"crons": [{"path": "/api/cron/digest", "schedule": "0 8 * * *"}]}',
    "package.json": '{"dependencies": {"next": "15"}}',
}
ROUTE = "app/api/cron/digest/route.ts"
OPEN = "export async function GET(request: Request) {\n  await send();\n  return Response.json({});\n}\n"
WRAPPED = 'import { withCron } from "../../../../lib/cron";\nexport const GET = withCron(async () => {\n  await send();\n});\n'
WITH_CRON = "export function withCron(run: () => Promise<void>) {\n  return async (request: Request) => {\nCHECK    await run();\n  };\n}\n"
READS = '    if (request.headers.get("authorization") !== `Bearer ${process.env.CRON_SECRET}`) throw new Error("no");\n'
MATCHER = 'export function middleware() {}\nexport const config = { matcher: ["MATCHES"] };\n'
SUPABASE = {
    "supabase/migrations/1_cron.sql": "select cron.schedule('clean', '0 3 * * *', $$ select net.http_post("
    "url := 'https://abc.supabase.co/functions/v1/clean') $$);\n",
    "supabase/functions/clean/index.ts": "Deno.serve(async () => new Response(await clean()));\n",
}

FORMS: dict[str, tuple[Mapping[str, str], str]] = {
    "nothing asks": ({**CRON, ROUTE: OPEN}, "fail"),
    "a wrapper of the project asks": ({**CRON, ROUTE: WRAPPED, "lib/cron.ts": WITH_CRON.replace("CHECK", READS)}, "pass"),
    "a wrapper that is called as if it did": (
        {**CRON, ROUTE: WRAPPED, "lib/cron.ts": WITH_CRON.replace("CHECK", '    console.log("cron");\n')},
        "fail",
    ),
    "a wrapper that is not there": ({**CRON, ROUTE: WRAPPED.replace("../../../../lib/cron", "@/lib/away")}, "unknown"),
    "a secret that is only sent on": (
        {**CRON, ROUTE: OPEN.replace("send()", "fetch(URL, { headers: { Authorization: `Bearer ${process.env.MAIL_SECRET}` } })")},
        "fail",
    ),
    "a header that only a comment asks for": (
        {**CRON, ROUTE: OPEN.replace("await send()", "// TODO: " + READS.strip() + "\n  await send()")},
        "fail",
    ),
    "a wrapper whose comment asks": (
        {
            **CRON,
            ROUTE: WRAPPED.replace("withCron", "handle"),
            "lib/cron.ts": WITH_CRON.replace("withCron", "handle").replace("CHECK", f"    /*{READS}*/\n"),
        },
        "fail",
    ),
    "a header that is only set": (
        {**CRON, ROUTE: OPEN.replace("await send()", 'const headers: any = {};\n  headers["x-cron-secret"] = process.env.CRON_SECRET')},
        "fail",
    ),
    "a session": ({**CRON, ROUTE: 'import { auth } from "@clerk/nextjs/server";\n' + OPEN.replace("await send()", "await auth()")}, "pass"),
    "an error that has permission in its name": (
        {**CRON, ROUTE: OPEN.replace("await send()", "if (isInsufficientPermissionError(await send())) return")},
        "fail",
    ),
    "a middleware in front": ({**CRON, ROUTE: OPEN, "middleware.ts": MATCHER.replace("MATCHES", "/:path*")}, "unknown"),
    "a middleware that leaves the API out": (
        {**CRON, ROUTE: OPEN, "middleware.ts": MATCHER.replace("MATCHES", "/((?!api|_next/static).*)")},
        "fail",
    ),
    "Supabase asks by itself": (SUPABASE, "pass"),
    "Supabase is told not to ask": ({**SUPABASE, "supabase/config.toml": "[functions.clean]\nverify_jwt = false\n"}, "fail"),
    "Supabase is told of another function": (
        {**SUPABASE, "supabase/config.toml": "[functions.other]\nverify_jwt = false\n\n[functions.clean]\nverify_jwt = true\n"},
        "pass",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_who_may_call(tmp_path: Path, form: str) -> None:
    files, state = FORMS[form]
    found = became(tmp_path, files)
    assert found.state == state, found


def test_many_open_routes_are_one_finding(tmp_path: Path) -> None:
    crons = ", ".join(f'{{"path": "/api/cron/{name}", "schedule": "0 8 * * *"}}' for name in ("a", "b", "c"))
    files = {"vercel.json": f'{{"crons": [{crons}]}}', **{f"app/api/cron/{name}/route.ts": OPEN for name in ("a", "b", "c")}}
    found = became(tmp_path, files)
    assert len(found.evidence) == 1


def became(folder: Path, files: Mapping[str, str]) -> Check:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=["JOB701"]).checks
    return found
