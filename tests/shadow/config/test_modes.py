"""What goes with which mode; everything else is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.shadow.config.reading import Loaded, read_experiment
from migrator.shadow.policy.reading import read_policy
from migrator.shadow.routing import BUCKETS

HEAD = """[experiment]
name = "m"
current = "old"
{mode}
[[job]]
name = "mail"
max_attempts = 1
[[job]]
name = "report"
max_attempts = 2
"""
ARMS = """
[arms.old]
system = "rq"
connection = "OLD"
{share}
job_names = {{ mail = "a.mail", report = "a.report" }}
[arms.new]
system = "celery"
connection = "NEW"
{share}
"""
CLAIMS = '[fallback]\nclaims = "CLAIMS"\n'


def read(folder: Path, mode: str, more: str = "", *, share: str = "weight = 1", arms: str = ARMS, head: str = HEAD) -> Loaded:
    file = folder / "m.toml"
    file.write_text(head.format(mode=mode and f'mode = "{mode}"') + more + arms.format(share=share))
    return read_experiment(file)


def test_a_split_is_what_nobody_has_to_ask_for(tmp_path: Path) -> None:
    experiment = read(tmp_path, "").experiment
    assert (experiment.experiment.mode, experiment.fallback, experiment.mirror) == ("split", None, None)


def test_the_defaults_of_a_fallback(tmp_path: Path) -> None:
    fallback = read(tmp_path, "fallback", CLAIMS).experiment.fallback
    assert fallback is not None
    assert (fallback.claims, fallback.pickup_timeout, fallback.failures) == ("CLAIMS", 30.0, 3)


def test_in_a_mirror_every_job_goes_to_the_current_arm(tmp_path: Path) -> None:
    loaded = read(tmp_path, "mirror", share="")
    assert (loaded.split.share("old"), loaded.split.share("new")) == (1.0, 0.0)
    assert {loaded.split.owner(bucket) for bucket in (0, BUCKETS // 2, BUCKETS - 1)} == {"old"}
    policy = read_policy(tmp_path / "m.toml").policy
    assert policy.arms == ("old", "new"), "a candidate can be switched off"


def test_copies_are_tried_as_often_as_the_file_says(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="nothing says how often `mail` may be tried") as error:
        read(tmp_path, "mirror", share="", head=HEAD.replace("max_attempts = 1\n", ""))
    assert error.value.place.endswith(":5")
    read(tmp_path, "mirror", '[mirror]\nlevel = "dry_run"\n', share="", head=HEAD.replace("max_attempts = 1\n", ""))


def test_levels_of_single_jobs(tmp_path: Path) -> None:
    more = '[mirror]\nlevel = "dry_run"\n[mirror.jobs.report]\nlevel = "full"\nidempotent = true\n'
    mirror = read(tmp_path, "mirror", more, share="").experiment.mirror
    assert mirror is not None
    assert (mirror.level_of("mail"), mirror.level_of("report")) == ("dry_run", "full")


@pytest.mark.parametrize(
    ("mode", "more", "share", "line", "said"),
    [
        ("split", CLAIMS, "weight = 1", 11, "[fallback] is of no use in mode `split`"),
        ("fallback", "[mirror]\n" + CLAIMS, "weight = 1", 11, "[mirror] is of no use in mode `fallback`"),
        ("fallback", "", "weight = 1", 4, "there is no [fallback] table"),
        ("fallback", "[fallback]\npickup_timeout = 3.0\n", "weight = 1", 11, "`claims` is missing"),
        ("fallback", CLAIMS + "[workload]\ncount = 1\n", "weight = 1", 13, "mode `fallback` is for the application's own traffic"),
        ("fallback", '[fallback]\nclaims = "NEW"\n', "weight = 1", 12, "claims cannot be in the store of `new`"),
        ("mirror", "", "weight = 1", 15, "`weight` is of no use in a mirror"),
        ("mirror", '[mirror]\nlevel = "full"\n', "", 12, "nothing says that it bears that"),
        ("mirror", '[mirror.jobs.report]\nlevel = "full"\n', "", 11, "nothing says that it bears that"),
        ("mirror", '[mirror.jobs.reports]\nlevel = "dry_run"\n', "", 11, "the experiment has no job `reports`"),
        ("mirror", "[mirror]\nmax_share = 0\n", "", 12, "`mirror.max_share`"),
        ("mirror", '[[routing.jobs]]\nmatch = "mail"\narm = "new"\n', "", 11, "in a mirror every job goes to the current arm"),
        ("both", "", "weight = 1", 4, "`experiment.mode`"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, mode: str, more: str, share: str, line: int, said: str) -> None:
    with pytest.raises(MigratorError) as error:
        read(tmp_path, mode, more, share=share)
    assert said in error.value.cause
    assert error.value.place == f"{tmp_path / 'm.toml'}:{line}"


@pytest.mark.parametrize(
    ("system", "queues", "fine"), [("celery", ("a", "b"), False), ("bullmq", ("a", "b"), True), ("bullmq", ("a", "a"), False)]
)
def test_two_arms_in_which_a_job_would_have_one_id(tmp_path: Path, system: str, queues: tuple[str, str], fine: bool) -> None:
    arms = "".join(
        f'[arms.{name}]\nsystem = "{system}"\nconnection = "REDIS"\nqueue = "{queue}"\n{{share}}\n'
        for name, queue in zip(("old", "new"), queues, strict=True)
    )
    if fine:
        read(tmp_path, "fallback", CLAIMS, arms=arms)
        return
    with pytest.raises(MigratorError, match="under the same id"):
        read(tmp_path, "fallback", CLAIMS, arms=arms)
    assert read(tmp_path, "split", arms=arms).split.arms == ("old", "new"), "a split has each job in one arm"
