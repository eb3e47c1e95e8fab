"""Deciding in production: the order of what counts, ramps that only move units one way, and the same answer in three languages."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MigratorError
from migrator.servers import node, postgres
from migrator.shadow.policy.generating import sql, typescript
from migrator.shadow.policy.policy import Decider, Policy
from migrator.shadow.policy.ramp import ramped
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.policy.state import State, encoded
from migrator.shadow.routing import BUCKETS, by_weight, route
from tests.shadow.policy.experiment import EVERYTHING, experiment

#: what means something to a regular expression, to LIKE or to a quoted text, and stands for itself in a pattern
SPECIAL = "-.$/()[]{}|+^\\%_'\"#&~ "
STATES = {
    "nothing changed": State(),
    "half way": State(step=1),
    "at the end": State(step=2),
    "beyond the end": State(step=9),
    "an arm off": State(step=2, arms=("new",)),
    "jobs off": State(step=2, jobs=("mail.r*", "import")),
    "jobs with special characters off": State(step=2, jobs=("send-*", "?-only", *(f"a{c}b*" for c in SPECIAL))),
    "everything off": State(step=2, everything=True),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedPolicy:
    """The policy of the file that has everything."""
    return read_policy(experiment(tmp_path_factory.mktemp("policy")))


def plain(state: State = STATES["at the end"], **changes: object) -> Decider:
    """Three arms by weight, and nothing else."""
    policy = Policy("p", "exp1", "old", by_weight([("old", 33), ("new", 33), ("third", 34)]))
    return Decider(__import__("msgspec").structs.replace(policy, **changes), state)


def test_without_anything_said_it_is_the_split_of_the_experiment() -> None:
    decider = plain()
    for number in range(300):
        routed = decider.decide("import_article", f"article-{number}")
        expected = route(decider.policy.split, "exp1", "import_article", f"article-{number}")
        assert (routed.arm, routed.bucket, routed.reason) == (expected.arm, expected.bucket, "split")


def test_what_counts_first(loaded: LoadedPolicy) -> None:
    state = State(step=2)
    decide = Decider(loaded.policy, state).decide
    assert (decide("mail.reset", "1").arm, decide("mail.reset", "1").reason, decide("mail.reset", "1").rule) == ("new", "job", "mail.reset")
    assert decide("mail.news", "1").reason == "pattern"
    assert decide("payments.charge", "1").reason == "excluded"
    # Who is excluded has no root in a candidate, and what was begun goes before what is said of the job.
    assert decide("payments.charge", "1", inherited="new").arm == "old"
    assert (decide("mail.reset", "1", inherited="third").arm, decide("mail.reset", "1", inherited="third").reason) == ("third", "inherited")
    assert decide("mail.reset", "1", tenant="acme").rule == "tenant acme"
    assert decide("mail.reset", "1", payload_bytes=1001).rule == "1001 bytes"
    assert decide("mail.reset", "1", payload_bytes=1000).reason == "job"
    assert decide("mail.reset", "1", deadline=2.4).rule == "2.4 s"
    assert decide("mail.reset", "1", deadline=2.5).reason == "job"
    killed = Decider(loaded.policy, State(step=2, arms=("new",))).decide("mail.reset", "1")
    assert (killed.arm, killed.reason, killed.wanted) == ("old", "killed", "new")
    # A job that a system has begun, it ends.
    assert Decider(loaded.policy, State(arms=("new",))).decide("mail.reset", "1", inherited="new").arm == "new"
    assert Decider(loaded.policy, State(everything=True)).decide("mail.reset", "1", inherited="new").arm == "old"


weights = st.lists(st.integers(1, 100), min_size=2, max_size=5)
shares = st.fractions(0, 1, max_denominator=1000)


@given(weights, shares, shares, st.integers(0, BUCKETS - 1))
def test_raising_a_ramp_only_moves_units_from_current_to_a_candidate(ws: list[int], one: Fraction, other: Fraction, number: int) -> None:
    final = by_weight([(f"arm{i}", w) for i, w in enumerate(ws)])
    low, high = sorted((one, other))
    before, after = ramped(final, "arm0", low).owner(number), ramped(final, "arm0", high).owner(number)
    assert before in (after, "arm0")
    assert ramped(final, "arm0", Fraction(1)).owner(number) == final.owner(number)
    assert ramped(final, "arm0", Fraction(0)).owner(number) == "arm0"


@given(weights, shares)
def test_at_each_step_a_candidate_has_that_much_of_its_share(ws: list[int], progress: Fraction) -> None:
    final = by_weight([(f"arm{i}", w) for i, w in enumerate(ws)])
    split = ramped(final, "arm0", progress)
    for arm in final.arms[1:]:
        assert abs(split.share(arm) - final.share(arm) * float(progress)) <= 2 / BUCKETS


def cases() -> list[dict[str, object]]:
    """Jobs of all sorts, the same in each run."""
    draw = random.Random(20261122)
    jobs = [
        "import",
        "mail.reset",
        "mail.news",
        "mail.",
        "payments.charge",
        "it's",
        "50%_off",
        "50%_oxf",
        "50x_off",
        "MAIL.reset",
        "ünïcode-键",
        "send-mail",
        "sendmail",
        "to.(all)/$1",
        "to-(all)/$1",
    ]
    # Of each three, a pattern with the special character means the first, and neither look-alike.
    special = [name for c in SPECIAL for name in (f"a{c}b1", "axb1", f"a{c}{c}b1")]
    plain: dict[str, object] = {"unit": "u1", "tenant": "", "bytes": 0, "deadline": None, "inherited": ""}
    return [{"job": job, **plain} for job in (*special, "é-only", "aab1", "a", "b1")] + [
        {
            "job": draw.choice(jobs),
            "unit": draw.choice(["", f"u{number}", "ünïcode-键", "a'b\\c", "x\ny"]),
            "tenant": draw.choice(["", "", "acme", "o'hara", "other"]),
            "bytes": draw.choice([0, 1000, 1001]),
            "deadline": draw.choice([None, None, 1.0, 2.5, 9.0]),
            "inherited": draw.choice(["", "", "", "new"]),
        }
        for number in range(400)
    ]


def expected(loaded: LoadedPolicy, state: State) -> list[list[str]]:
    """What Python decides."""
    decider = Decider(loaded.policy, state)
    found = [
        decider.decide(
            str(c["job"]),
            str(c["unit"]),
            tenant=str(c["tenant"]),
            payload_bytes=int(str(c["bytes"])),
            deadline=c["deadline"],  # pyright: ignore[reportArgumentType]
            inherited=str(c["inherited"]),
        )
        for c in cases()
    ]
    return [[f.arm, f.reason, f.rule, f.wanted] for f in found]


def test_the_cases_meet_every_reason_and_every_arm(loaded: LoadedPolicy) -> None:
    everything = [row for state in STATES.values() for row in expected(loaded, state)]
    assert {row[1] for row in everything} == {"killed", "excluded", "inherited", "job", "pattern", "split"}
    assert {row[0] for row in everything} == {"old", "new", "third"}


@pytest.mark.behaviour
def test_typescript_decides_as_python_does(loaded: LoadedPolicy, tmp_path: Path) -> None:
    (tmp_path / "router.ts").write_text(typescript(loaded), "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "all.ts").write_text(
        'import { readFileSync } from "node:fs";\nimport { decide, setState } from "./router.ts";\n'
        'const { states, cases } = JSON.parse(readFileSync("cases.json", "utf8"));\n'
        "console.log(JSON.stringify(states.map((state: string | null) => { setState(state);\n"
        "  return cases.map((c: any) => { const deadline = c.deadline ?? undefined;\n"
        "    const r = decide(c.job, c.unit, { tenant: c.tenant, payloadBytes: c.bytes, deadline, inherited: c.inherited });\n"
        "    return [r.arm, r.reason, r.rule, r.wanted]; }); })));\n"
    )
    states = [encoded(state).decode() for state in STATES.values()]
    (tmp_path / "cases.json").write_text(json.dumps({"states": [*states, None], "cases": cases()}), "utf-8")
    said = json.loads(node().run(["--experimental-strip-types", "--no-warnings", "all.ts"], folder=tmp_path).stdout)
    for name, state, rows in zip([*STATES, "no state"], [*STATES.values(), State()], said, strict=True):
        assert rows == expected(loaded, state), name


@pytest.mark.behaviour
def test_postgres_decides_as_python_does(loaded: LoadedPolicy) -> None:
    import psycopg

    with postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql(loaded).encode())
        for name, state in {"no state": None, **STATES}.items():
            connection.execute("DELETE FROM migrator_routing")
            if state is not None:
                connection.execute("INSERT INTO migrator_routing VALUES ('Mail-1', %s::jsonb, now())", (encoded(state).decode(),))
            ask = "SELECT arm, reason FROM migrator_route_mail_1(%(job)s, %(unit)s, %(tenant)s, %(bytes)s, %(deadline)s, %(inherited)s)"
            rows = [list(connection.execute(ask, case).fetchone() or ()) for case in cases()]
            assert rows == [row[:2] for row in expected(loaded, state or State())], name


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('steps = ["1%/1d", "50%/2d", "100%"]', 'steps = ["50%/1d", "1%"]', "a ramp only goes up"),
        ('steps = ["1%/1d", "50%/2d", "100%"]', 'steps = ["1%", "50%"]', "only the last step has no time"),
        ('steps = ["1%/1d", "50%/2d", "100%"]', 'steps = ["a lot"]', "`a lot` is no step"),
        ('steps = ["1%/1d", "50%/2d", "100%"]', 'steps = ["200%"]', "200 % is no part"),
        ('steps = ["1%/1d", "50%/2d", "100%"]', "steps = []", "at least one step"),
        ('match = "mail.reset"\narm = "new"', 'match = "mail.reset"\narm = "newer"', "there is no arm `newer`"),
        ('match = "mail.reset"\narm = "new"', 'match = "mail.reset"', "exactly one of them"),
        ("weights = { new = 1, old = 3 }", "weights = { new = 0 }", "weights"),
        ("payload_bytes = 1000", "payload_byte = 1000", "Did you mean `payload_bytes`?"),
        ('current = "old"', 'current = "olden"', "there is no arm `olden`"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in EVERYTHING
    with pytest.raises(MigratorError) as error:
        read_policy(experiment(tmp_path, EVERYTHING.replace(old, new)))
    assert words in str(error.value)
    assert "experiment.toml:" in str(error.value)


def test_what_is_switched_off_is_another_configuration() -> None:
    """Jobs of the time in which an arm got none are not held against its share."""
    on = plain(State())
    off = [plain(state).digest for state in (State(arms=("new",)), State(everything=True), State(arms=("new",), everything=True))]
    assert len({on.digest, *off}) == 3
    assert off[1] == off[2]
    assert plain(State(jobs=("mail",))).digest == on.digest, "a job that is switched off changes no other's share"
