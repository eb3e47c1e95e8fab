"""Files of Netlify's functions that their name alone puts into the background: `netlify/functions/mail-background.ts`."""

from __future__ import annotations

from migrator.jobs import Literal, Trigger
from migrator.scanners.invoked import Invoked
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.netlify import function_name, is_background
from migrator.systems.netlify import BACKGROUND, BACKGROUND_TIMEOUT, SYSTEM


def _read(manifest: Manifest) -> None:
    name = function_name(manifest.tree, manifest.path)
    if not is_background(name):
        return
    where = manifest.document.location(0, 0)
    manifest.found.invoked.append(
        Invoked(
            system=SYSTEM.name,
            name=name,
            where=where,
            files=(manifest.path,),
            exports=("default", "handler"),
            form="background",
            triggers=(Trigger("direct", Literal(name)),),
            timeout=Literal(BACKGROUND_TIMEOUT),
            missing=f"the file of the function {name} exports nothing to be called",
        )
    )


READER = ManifestReader(endings=(".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs"), matches=lambda path: BACKGROUND in path, read=_read)
