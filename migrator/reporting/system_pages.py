"""The pages of job systems, and the list of all."""

from __future__ import annotations

from pathlib import Path

from migrator.reporting.system_formats import list_markdown, page_name, system_markdown
from migrator.reporting.trap_pages import write_folder
from migrator.systems import SYSTEMS


def system_pages() -> dict[str, str]:
    """File name -> page, of every system whose capabilities are known."""
    return {"README.md": list_markdown(), **{page_name(s.name): system_markdown(s) for s in SYSTEMS.values() if s.capabilities}}


def write_system_pages(folder: Path) -> None:
    """Write every page and the list into `folder`, and remove the pages that are gone."""
    write_folder(folder, system_pages())
