"""
Call tracking for sites that cannot be changed.

The command ``callgraft-proxy`` is a reverse proxy, :class:`CallgraftMiddleware` does the same in
any ASGI app, and ``callgraft_proxy.mitm`` is a script for mitmproxy.
"""

from callgraft_proxy.middleware import CallgraftMiddleware

__version__ = "0.1.0"
__all__ = ["CallgraftMiddleware", "__version__"]
