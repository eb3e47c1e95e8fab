"""The part of SARIF 2.1.0 that we write, as structs; a test holds what comes out against the official schema.

The libraries for it do not do: sarif-pydantic 0.6 knows neither `suppressions` nor notifications of an invocation, sarif-om is not kept up.
"""

from __future__ import annotations

from typing import Any
from typing import Literal as OneOf

import msgspec

Level = OneOf["none", "note", "warning", "error"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A SARIF object: names in camel case, what is empty left out."""


class Text(_Part, frozen=True, kw_only=True):
    """`message` and `multiformatMessageString`."""

    text: str
    markdown: str = ""


class Artifact(_Part, frozen=True, kw_only=True):
    """`artifactLocation`."""

    uri: str = ""
    uri_base_id: str = ""
    description: Text | None = None


class Region(_Part, frozen=True, kw_only=True):
    """`region`; 1-based."""

    start_line: int


class Physical(_Part, frozen=True, kw_only=True):
    """`physicalLocation`."""

    artifact_location: Artifact
    region: Region


class Logical(_Part, frozen=True, kw_only=True):
    """`logicalLocation`."""

    fully_qualified_name: str
    kind: str


class Place(_Part, frozen=True, kw_only=True):
    """`location`."""

    physical_location: Physical | None = None
    logical_locations: tuple[Logical, ...] = ()
    message: Text | None = None


class Suppression(_Part, frozen=True, kw_only=True):
    """`suppression`."""

    kind: OneOf["inSource", "external"]
    status: str
    justification: str
    location: Place | None = None


class Result(_Part, frozen=True, kw_only=True):
    """`result`."""

    rule_id: str
    rule_index: int = -1
    kind: OneOf["fail", "review"]
    level: Level
    message: Text
    locations: tuple[Place, ...] = ()
    related_locations: tuple[Place, ...] = ()
    partial_fingerprints: dict[str, str] = {}
    suppressions: tuple[Suppression, ...] = ()
    properties: dict[str, Any] = {}


class Configuration(_Part, frozen=True, kw_only=True):
    """`reportingConfiguration`."""

    level: Level


class Descriptor(_Part, frozen=True, kw_only=True):
    """`reportingDescriptor`: a rule."""

    id: str
    name: str
    short_description: Text
    full_description: Text
    help: Text
    default_configuration: Configuration
    properties: dict[str, Any]


class Driver(_Part, frozen=True, kw_only=True):
    """`toolComponent`."""

    name: str
    version: str
    rules: tuple[Descriptor, ...]


class Tool(_Part, frozen=True, kw_only=True):
    """`tool`."""

    driver: Driver


class Reference(_Part, frozen=True, kw_only=True):
    """`reportingDescriptorReference`."""

    id: str
    index: int = -1


class Notification(_Part, frozen=True, kw_only=True):
    """`notification`."""

    level: Level
    message: Text
    associated_rule: Reference | None = None


class Invocation(_Part, frozen=True, kw_only=True):
    """`invocation`."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`run`; `results` stand there even when there are none, which says that there was a look."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: dict[str, Artifact]
    column_kind: str
    results: tuple[Result, ...]


class Log(msgspec.Struct, frozen=True, kw_only=True, rename={"schema": "$schema"}):
    """`sarifLog`."""

    schema: str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    version: str = "2.1.0"
    runs: tuple[Run, ...]
