"""The JSON schema of ``config.yaml``, written from the model so that editors can complete it."""

from __future__ import annotations

from typing import Any


def make_schema() -> dict[str, Any]:
    """Return the schema of a study, with the draft that it follows."""
    from gluteal.config.study import Study

    schema = Study.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Lay the schema out as YAML, the same bytes for the same model."""
    import yaml

    return yaml.safe_dump(make_schema(), sort_keys=True, width=96, allow_unicode=True)
