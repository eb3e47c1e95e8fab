"""Which readers are asked about a file: by the end of its name, and none too few."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrator.scanners.manifests import installed, readers_of

ENDINGS = sorted({ending for reader in installed() for ending in reader.endings})
OTHERS = ("", ".txt", "Procfile", "Makefile", ".env", ".env.local", "crontab", ".ts", "entrypoint", "requirements.IN")
PATHS = st.tuples(
    st.sampled_from(("", "a/", "a.b/", ".github/workflows/", "cdk.out/", "/", "fixtures/")),
    st.sampled_from(("", "x", ".", "x.", "prod.", "Dockerfile", "mail-background", "-")),
    st.sampled_from((*ENDINGS, *OTHERS)),
).map("".join)


@given(path=PATHS.filter(bool))
def test_nobody_who_would_read_a_file_is_passed_over(path: str) -> None:
    assert readers_of(path) == [reader for reader in installed() if reader.reads(path)]
