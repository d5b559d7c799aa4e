"""
Callgraft: call tracking on the server.

A door (an adapter to one framework) needs the names below and no others.
"""

from callgraft.config import DEFAULT_BACKEND
from callgraft.eligible import CONDITIONAL_FIELDS
from callgraft.encoding import accepted as accepted_codings
from callgraft.endpoints import MAX_BODY as MAX_EVENT_BODY
from callgraft.engine import Engine
from callgraft.errors import CallgraftError, SetupError, SiteError, StoreUnavailable
from callgraft.holding import Holding
from callgraft.network import Network, is_listed
from callgraft.opening import open_engine
from callgraft.page import Head, Page
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.version import __version__
from callgraft.visit import Headers, Visit

__all__ = [
    "CONDITIONAL_FIELDS",
    "DEFAULT_BACKEND",
    "MAX_EVENT_BODY",
    "CallgraftError",
    "Engine",
    "Head",
    "Headers",
    "Holding",
    "Network",
    "Page",
    "SetupError",
    "Site",
    "SiteError",
    "StoreUnavailable",
    "Visit",
    "__version__",
    "accepted_codings",
    "is_listed",
    "open_engine",
    "read_site",
]
