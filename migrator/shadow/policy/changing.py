"""Changing what routing does while it runs: from one state to the next, and into the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.shadow.policy.policy import Policy
from migrator.shadow.policy.reading import LoadedPolicy, read_policy
from migrator.shadow.policy.state import NoState, State, decoded
from migrator.shadow.policy.state import encoded as _encoded
from migrator.shadow.policy.stores import Store, store_of

Change = Callable[[Policy, State], State]


def current(file: Path) -> tuple[LoadedPolicy, State, Store]:
    """The policy of an experiment file, the state that holds, and where that lies.

    Raises:
        MigratorError: the file, the store or what it holds cannot be read.
    """
    loaded = read_policy(file)
    return (loaded, *state_of(loaded))


def state_of(loaded: LoadedPolicy) -> tuple[State, Store]:
    """The state that holds for a policy, and where that lies.

    Raises:
        MigratorError: the store or what it holds cannot be read.
    """
    store = _store(loaded)
    return _read(store), store


def _store(loaded: LoadedPolicy) -> Store:
    return store_of(loaded.routing.state, loaded.policy.name, loaded.state_file)


def _read(store: Store) -> State:
    try:
        data = store.read()
    except Exception as error:
        raise _unreachable(store, error) from error
    return decoded(data, store.place) if data is not None else State()


def change(file: Path, how: Change, said: str, *, anew: bool = False) -> tuple[LoadedPolicy, State, Store]:
    """Change the state; gives what holds now. `anew`: also where what lies there is no state, which is then written over.

    Raises:
        MigratorError: as `current`; the change makes no sense; it cannot be written.
    """
    loaded = read_policy(file)
    store = _store(loaded)
    try:
        before = _read(store)
    except NoState:
        if not anew:
            raise
        before = State()
    after = msgspec.structs.replace(how(loaded.policy, before), version=before.version + 1, said=said)
    return loaded, written(store, after), store


def written(store: Store, state: State) -> State:
    """The state, once it is in the store.

    Raises:
        MigratorError: it cannot be written.
    """
    try:
        store.write(_encoded(state))
    except Exception as error:
        raise _unreachable(store, error) from error
    return state


def kill(arms: tuple[str, ...], jobs: tuple[str, ...]) -> Change:
    """Switch off arms and jobs; without any, everything."""

    def how(policy: Policy, state: State) -> State:
        _known(policy, arms)
        if not arms and not jobs:
            return msgspec.structs.replace(state, everything=True)
        return msgspec.structs.replace(state, arms=_with(state.arms, arms), jobs=_with(state.jobs, jobs))

    return how


def resume(arms: tuple[str, ...], jobs: tuple[str, ...]) -> Change:
    """Switch arms and jobs on again; without any, all that was switched off."""

    def how(policy: Policy, state: State) -> State:
        _known(policy, arms)
        if not arms and not jobs:
            return msgspec.structs.replace(state, everything=False, arms=(), jobs=())
        left_arms, left_jobs = (tuple(a for a in state.arms if a not in arms), tuple(j for j in state.jobs if j not in jobs))
        return msgspec.structs.replace(state, arms=left_arms, jobs=left_jobs)

    return how


def step(to: int | None, by: int) -> Change:
    """Go to a step of the ramp (from 0), or `by` so many from where it is."""

    def how(policy: Policy, state: State) -> State:
        if not policy.steps:
            raise _no_ramp(policy)
        wanted = state.step + by if to is None else to
        if not 0 <= wanted < len(policy.steps):
            raise MigratorError(
                f"is at step {state.step + 1} of {len(policy.steps)}, and there is no step {wanted + 1}",
                place=policy.name,
                remedy=f"Steps are 1 to {len(policy.steps)}.",
            )
        return msgspec.structs.replace(state, step=wanted)

    return how


def hold(held: bool) -> Change:
    """Keep the ramp where it is, or let it go on."""

    def how(policy: Policy, state: State) -> State:
        if not policy.steps:
            raise _no_ramp(policy)
        return msgspec.structs.replace(state, held=held)

    return how


def _no_ramp(policy: Policy) -> MigratorError:
    remedy = 'Write [routing.ramp] with steps = ["1%/1d", "10%/2d", "100%"].'
    return MigratorError("has no ramp", place=policy.name, remedy=remedy)


def _known(policy: Policy, arms: tuple[str, ...]) -> None:
    for arm in arms:
        if arm not in policy.arms:
            raise MigratorError("is no arm", place=arm, remedy=f"The arms are {', '.join(policy.arms)}.")
        if arm == policy.current:
            raise MigratorError("is the current arm: there would be nowhere to go", place=arm, remedy="Switch off a candidate.")


def _with(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*known, *new}))


def _unreachable(store: Store, error: Exception) -> MigratorError:
    if isinstance(error, MigratorError):
        return error
    remedy = "Nothing was changed. In an emergency set MIGRATE_KILL=1 in the environment of the processes and restart them."
    return MigratorError(f"cannot be reached: {error}", place=store.place, remedy=remedy)
