"""mitmproxy with the addon on a free port, for tests."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mitmproxy.options import Options
from mitmproxy.tools.dump import DumpMaster

from callgraft import Engine
from callgraft_proxy.addon import CallgraftAddon
from callgraft_proxy.testing import PATIENCE


@contextmanager
def mitmproxy_serving(upstream: str, engine: Engine) -> Iterator[str]:
    """Run mitmproxy in reverse mode before the site at ``upstream``, in a thread; gives its URL."""
    # It makes a certificate authority when it starts: not in the home of who runs the tests.
    with tempfile.TemporaryDirectory() as confdir:
        run = _Run(upstream, engine, confdir)
        thread = threading.Thread(target=run.main, name="mitmproxy")
        thread.start()
        try:
            if not run.ready.wait(PATIENCE):
                raise RuntimeError("mitmproxy did not start.")
            yield run.url
        finally:
            run.stop()
            thread.join(PATIENCE)


class _Run:
    """One mitmproxy; it is an addon too, so that it hears when the port is open."""

    def __init__(self, upstream: str, engine: Engine, confdir: str) -> None:
        self._upstream = upstream
        self._engine = engine
        self._confdir = confdir
        self.ready = threading.Event()
        self.url = ""

    def main(self) -> None:
        asyncio.run(self._main())

    def running(self) -> None:
        server = self._master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
        host, port = server.listen_addrs()[0][:2]
        self.url = f"http://{host}:{port}"
        self.ready.set()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._master.shutdown)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        options = Options(
            mode=[f"reverse:{self._upstream}"],
            listen_host="127.0.0.1",
            listen_port=0,
            confdir=self._confdir,
        )
        self._master = DumpMaster(options, with_termlog=False, with_dumper=False)
        self._master.options.update(keep_host_header=True)  # type: ignore[no-untyped-call]
        self._master.addons.add(CallgraftAddon(self._engine), self)  # type: ignore[no-untyped-call]
        await self._master.run()
