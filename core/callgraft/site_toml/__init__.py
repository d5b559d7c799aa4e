"""The Site document as TOML, the form that operators write: reading it, and a first one."""

from callgraft.site_toml.document import read_published, read_site
from callgraft.site_toml.starter import starter_document

__all__ = ["read_published", "read_site", "starter_document"]
