"""Experiment files: what is read from a good one, and what is said about a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.reading import read_experiment
from migrator.shadow.run.arm import role_of

GOOD = """\
[experiment]
name = "import"
current = "old"

[job]
name = "import_article"

[arms.old]
system = "postgres-table"
connection = "DATABASE_URL"
weight = 33

[arms.new]
system = "pg-boss"
connection = "DATABASE_URL"
weight = 33

[arms.newer]
system = "bullmq"
connection = "REDIS_URL"
weight = 33
options = { prefix = "b" }

[workload]
count = 10
"""


def read(tmp_path: Path, text: str):
    file = tmp_path / "x.toml"
    file.write_text(text)
    return read_experiment(file)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(MigratorError) as caught:
        read(tmp_path, text)
    assert caught.value.exit == 2
    return str(caught.value).replace(str(tmp_path) + "/", "")


def test_a_good_file(tmp_path: Path) -> None:
    loaded = read(tmp_path, GOOD)
    assert loaded.split.cuts == (1431655765, 2863311530, 4294967296)
    assert loaded.experiment.salt == "import"
    assert loaded.experiment.queue("new", loaded.experiment.jobs[0]) == "import_article"
    assert loaded.ledger == tmp_path / ".migrator" / "import.ledger"
    assert loaded.options["newer"].prefix == "b"  # type: ignore[attr-defined]


def test_any_setting_changes_the_digest(tmp_path: Path) -> None:
    digests = {read(tmp_path, text).digest for text in (GOOD, GOOD + "rate = 3.0", GOOD.replace("33", "34", 1), GOOD + "seed = 2")}
    assert len(digests) == 4
    assert read(tmp_path, GOOD + "# a comment").digest == read(tmp_path, GOOD).digest
    seeded = read_experiment(tmp_path / "x.toml", seed=9).experiment.workload
    assert seeded is not None
    assert seeded.seed == 9


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[routing.ramp]\nsteps = ["5%/1x", "100%"]', "x.toml:27: `5%/1x` is no step"),
        ('[[routing.jobs]]\nmatch = "mail"\narm = "odl"', "there is no arm `odl`"),
    ],
)
def test_what_only_routing_asks_is_asked_here_as_well(tmp_path: Path, table: str, said: str) -> None:
    """A run follows its file by this reading, and must not end over what another would have refused."""
    assert said in refused(tmp_path, f"{GOOD}{table}\n")


@pytest.mark.parametrize(
    ("word", "said"),
    [("mirorr", "Did you mean `mirror`?"), ("none of these", "It is one of `split`, `fallback`, `mirror`.")],
)
def test_of_a_few_words_the_right_ones_are_said(tmp_path: Path, word: str, said: str) -> None:
    text = refused(tmp_path, GOOD.replace('current = "old"', f'current = "old"\nmode = "{word}"'))
    assert text == f"x.toml:4: `experiment.mode` cannot be `{word}`\n  {said}"


def test_percentages_with_a_rest(tmp_path: Path) -> None:
    text = (
        GOOD.replace("weight = 33", 'percent = "rest"', 1)
        .replace("weight = 33", "percent = 2.5", 1)
        .replace("weight = 33", "percent = 1", 1)
    )
    loaded = read(tmp_path, text)
    assert [round(loaded.split.share(arm), 6) for arm in ("old", "new", "newer")] == [0.965, 0.025, 0.01]


CASES = {
    "not TOML": (("[job]", "[job"), "x.toml:5: this is not TOML"),
    "unknown table": (("[job]", "[jobs]"), "x.toml:5: unknown table [jobs]\n  Did you mean [job]?"),
    "unknown key": (("weight = 33", "wieght = 33"), "x.toml:11: unknown key `wieght` in [arms.old]\n  Did you mean `weight`?"),
    "unknown key far from any": (
        ("count = 10", "count = 10\nzzz = 1"),
        "x.toml:26: unknown key `zzz` in [workload]\n  Known here: rate, file, count",
    ),
    "unknown option": (("prefix", "prefiks"), "x.toml:22: unknown key `prefiks` in [arms.newer.options]\n  Did you mean `prefix`?"),
    "missing key": (('connection = "REDIS_URL"', ""), "x.toml:18: `connection` is missing in [arms.newer]\n  Add `connection = …`."),
    "missing table": (('[job]\nname = "import_article"', ""), "x.toml: there is no [job] table"),
    "wrong type": (("weight = 33", 'weight = "33"'), "x.toml:11: `arms.old.weight` is to be a whole number, not text"),
    "weight of nothing": (("weight = 33", "weight = 0"), "x.toml:11: `arms.old.weight` is to be a whole number >= 1"),
    "weight of less": (("weight = 33", "weight = -5"), "x.toml:11: `arms.old.weight` is to be a whole number >= 1"),
    "fractional weight": (("weight = 33", "weight = 33.3"), "x.toml:11: `arms.old.weight` is to be a whole number, not a number"),
    "no weight": (("weight = 33\n", ""), "x.toml:8: arm `old` has no `weight` (or `percent`)"),
    "weights and percentages": (("weight = 33", "percent = 33"), "x.toml:16: some arms have a weight, others a percentage"),
    "no such arm": (('current = "old"', 'current = "odl"'), "x.toml:3: there is no arm `odl`\n  The arms are `old`, `new`, `newer`."),
    "no such system": (('"bullmq"', '"bulmq"'), "x.toml:19: there is no driver for `bulmq`\n  Did you mean `bullmq`?"),
    "bad arm name": (("[arms.new]", '[arms."new one"]'), "x.toml:13: `new one` cannot be an arm's name"),
    "bad experiment name": (('name = "import"', 'name = "im/port"'), "x.toml:2: `experiment.name` is to be text matching regex"),
    "file and count": (("count = 10", 'count = 10\nfile = "a.jsonl"'), "x.toml:24: a workload is either a `file` or a `count`"),
    "neither file nor count": (("count = 10", "seed = 4"), "x.toml:24: a workload is either a `file` or a `count`"),
    "no jobs": (("count = 10", "count = 0"), "x.toml:25: `workload.count` is to be a whole number >= 1"),
    "missing workload file": (("count = 10", 'file = "a.jsonl"'), "x.toml:25: there is no file a.jsonl"),
    "draw of nothing": (
        ("count = 10", 'count = 10\n[[workload.mix]]\nname = "a"\npayload = { ms = { low = 5 } }'),
        "x.toml:28: `ms` is to be drawn, but from what?",
    ),
    "draw upside down": (
        ("count = 10", 'count = 10\n[[workload.mix]]\nname = "a"\npayload = { ms = { low = 5, high = 4 } }'),
        "x.toml:28: `ms` is to be drawn, but from what?",
    ),
    "second mix": (
        ("count = 10", 'count = 10\n[[workload.mix]]\nname = "a"\n[[workload.mix]]\nname = "b"\nweight = 0'),
        "x.toml:30: `workload.mix.1.weight` is to be a whole number >= 1",
    ),
    "worker without command": (
        ("[workload]", '[arms.new.worker]\nready = "up"\n[workload]'),
        "x.toml:24: `command` is missing in [arms.new.worker]",
    ),
    "worker without folder": (
        ("[workload]", '[arms.new.worker]\nready = "up"\ncwd = "gone"\ncommand = ["x"]\n[workload]'),
        "x.toml:26: there is no folder gone",
    ),
    "criteria that mean nothing": (("[workload]", "[criteria]\nalpha = 2.0\n[workload]"), "x.toml:24: alpha: 2.0 is not between 0 and 0.5"),
    "criterion of no metric": (("[workload]", "[criteria]\nspeed = 2.0\n[workload]"), "x.toml:25: unknown key `speed` in [criteria]"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_files(tmp_path: Path, case: str) -> None:
    (old, new), expected = CASES[case]
    assert old in GOOD
    said = refused(tmp_path, GOOD.replace(old, new, 1))
    assert said.startswith(expected), said


PERCENTAGES = {
    ("33", "33", "33"): "x.toml:21: the percentages total 99: 1 % of the jobs would be in no arm\n  Make them total 100, or write percent",
    ("50", "50", "50"): "x.toml:21: the percentages total 150, which is 50 % too much",
    ('"rest"', '"rest"', "1"): "x.toml:16: both `old` and `new` get the rest",
    ("-1", "100", "1"): "x.toml:11: -1.0 % is not a share",
    ('"most"', "1", "1"): "x.toml:11: `arms.old.percent`",
}


@pytest.mark.parametrize("shares", PERCENTAGES)
def test_percentages_that_do_not_add_up(tmp_path: Path, shares: tuple[str, ...]) -> None:
    text = GOOD
    for share in shares:
        text = text.replace("weight = 33", f"percent = {share}", 1)
    said = refused(tmp_path, text)
    assert said.startswith(PERCENTAGES[shares]), said


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="there is no such experiment file"):
        read_experiment(tmp_path / "none.toml")
    with pytest.raises(MigratorError, match="cannot be read"):
        read_experiment(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MigratorError, match="not a text file"):
        read_experiment(tmp_path / "binary.toml")
    assert "there is no [experiment] table" in refused(tmp_path, "")


def test_the_fixture_application_s_experiment_is_three_thirds() -> None:
    loaded = read_experiment(Path(__file__).parents[3] / "fixtures" / "articles" / "shadow.toml")
    assert loaded.split.cuts == (1431655765, 2863311530, 4294967296)
    workload = loaded.experiment.workload
    assert workload is not None
    assert workload.count == 300
    assert sum(mix.weight for mix in workload.mix) == 300


SEVERAL = """\
[experiment]
name = "shop"
current = "old"

[[job]]
name = "mail.reset"
queue = "mail"
deadline = 30.0
[[job]]
name = "report"

[arms.old]
system = "celery"
connection = "REDIS_URL"
weight = 1
job_names = { "mail.reset" = "shop.tasks.reset" }

[arms.new]
system = "rq"
connection = "REDIS_URL"
weight = 1
queues = { report = "slow" }
"""


def test_the_application_s_own_traffic_of_several_jobs(tmp_path: Path) -> None:
    experiment = read(tmp_path, SEVERAL).experiment
    assert experiment.workload is None
    assert [job.name for job in experiment.jobs] == ["mail.reset", "report"]
    reset, report = experiment.job("mail.reset"), experiment.job("report")
    assert reset.deadline == 30
    assert [(experiment.queue(arm, reset), experiment.job_name(arm, reset)) for arm in ("old", "new")] == [
        ("mail", "shop.tasks.reset"),
        ("mail", "mail.reset"),
    ]
    assert [(experiment.queue(arm, report), experiment.job_name(arm, report)) for arm in ("old", "new")] == [
        ("report", "report"),
        ("slow", "report"),
    ]
    with pytest.raises(KeyError):
        experiment.job("nobody's")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "report"', 'name = "mail.reset"', "x.toml:10: there are two jobs `mail.reset`"),
        ('name = "report"', 'title = "x"', "x.toml:10: unknown key `title` in [job.1]"),
        ("queues = { report", "queues = { reports", "x.toml:22: there is no job `reports`\n  The jobs are `mail.reset`, `report`."),
        ('job_names = { "mail.reset" =', "job_name =", "x.toml:16: `job_name` would be the name of all 2 jobs"),
    ],
)
def test_what_is_wrong_with_several_jobs(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SEVERAL.replace(old, new)
    assert refused(tmp_path, text.replace('"shop.tasks.reset" }', '"shop.tasks.reset"') if "job_name =" in new else text).startswith(said)


def test_a_workload_is_of_one_job(tmp_path: Path) -> None:
    assert refused(tmp_path, SEVERAL + "[workload]\ncount = 3\n").startswith("x.toml:23: a workload is of one job, and there are 2 [[job]]")


def test_a_second_arm_of_the_current_system_is_noise(tmp_path: Path) -> None:
    twice = GOOD.replace('[arms.new]\nsystem = "pg-boss"', '[arms.new]\nnoise = true\nsystem = "postgres-table"')
    loaded = read(tmp_path, twice)
    assert [role_of(loaded, name) for name in ("old", "new", "newer")] == ["current", "noise", "candidate"]


def test_noise_is_of_the_current_system(tmp_path: Path) -> None:
    other = refused(tmp_path, GOOD.replace("[arms.new]\n", "[arms.new]\nnoise = true\n"))
    assert "arm `new` is not `old`'s system once more" in other
    assert "runs postgres-table as `old` does" in other
    assert "arm `old` is not `old`'s system once more" in refused(tmp_path, GOOD.replace("[arms.old]\n", "[arms.old]\nnoise = true\n"))
