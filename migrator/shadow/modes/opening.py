"""The way that an experiment file asks for."""

from __future__ import annotations

from collections.abc import Callable

from migrator.shadow.config.mirror import Mirror
from migrator.shadow.modes.ways import Desk, Split, Way
from migrator.shadow.policy.reading import LoadedPolicy


def way_of(desk: Desk, loaded: LoadedPolicy, alarm: Callable[[str], None]) -> Way:
    """Raises MigratorError where the mode needs a store whose address is not set."""
    current = loaded.policy.current
    candidates = [name for name, arm in loaded.arms.items() if name != current and not arm.noise]
    if loaded.fallback is not None:
        from migrator.shadow.modes.claims_opening import open_claims
        from migrator.shadow.modes.fallback import FallbackWay

        spec = loaded.fallback
        claims = open_claims(spec.claims, timeout=spec.enqueue_timeout, keep=spec.keep)
        first = loaded.jobs[0].name
        return FallbackWay(
            desk, spec, claims, current=current, candidates=[(arm, first) for arm in candidates], folder=loaded.pending, alarm=alarm
        )
    if loaded.heading.mode == "mirror":
        from migrator.shadow.modes.mirror import MirrorWay

        # Also an arm that runs the current system once more: what its copies differ by is noise.
        copied = {name: arm for name, arm in loaded.arms.items() if name != current}
        return MirrorWay(desk, loaded.mirror or Mirror(), loaded, copied)
    return Split()
