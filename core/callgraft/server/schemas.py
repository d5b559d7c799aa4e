"""JSON Schema of the values that are sent and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

TEMPLATE = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]
Wanted = tuple[Any, Mode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Schemas by the value and its direction, and the named ones that they refer to."""

    by_kind: Mapping[Wanted, JsonSchemaValue]
    named: Mapping[str, JsonSchemaValue]


def schemas_of(wanted: set[Wanted]) -> Schemas:
    """
    The schemas of these values.

    :param wanted: each a dataclass and ``validation`` for what is sent, ``serialization`` for what
        is answered.
    """
    inputs = [(kind, mode, TypeAdapter(kind)) for kind, mode in sorted(wanted, key=str)]
    found, rest = TypeAdapter.json_schemas(
        inputs, ref_template=TEMPLATE, schema_generator=_AsOnTheWire
    )
    return Schemas(by_kind=found, named=rest.get("$defs", {}))


class _AsOnTheWire(GenerateJsonSchema):
    """Durations are seconds, bytes base64; every moment has its offset."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return {"type": "number", "minimum": 0, "description": "Seconds."}

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        return {"type": "string", "contentEncoding": "base64"}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without the default itself, which is Python's: a field may be left out, that is all."""
        return self.generate_inner(schema["schema"])
