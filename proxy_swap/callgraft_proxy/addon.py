"""The mitmproxy addon: the same engine, for trying things on any site from one's own machine."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

from mitmproxy import ctx, exceptions
from mitmproxy.addonmanager import Loader
from mitmproxy.http import HTTPFlow

from callgraft import (
    CONDITIONAL_FIELDS,
    DEFAULT_BACKEND,
    MAX_EVENT_BODY,
    Engine,
    Holding,
    Page,
    SetupError,
    StoreUnavailable,
    Visit,
    open_engine,
)
from callgraft_proxy.accepting import narrowed
from callgraft_proxy.flows import head_of, put, response_of, visit_of
from callgraft_proxy.units import parse_duration

logger = logging.getLogger(__name__)

_WANTED = "callgraft_wanted"
_TOO_MUCH = bytes(MAX_EVENT_BODY + 1)


class CallgraftAddon:
    """
    Shows visitors who browse through mitmproxy their own numbers.

    :param engine: one that is open already, for programs that run mitmproxy themselves; without it
        the options ``callgraft_…`` say how to open one.
    """

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine
        self._is_ours = engine is None

    def load(self, loader: Loader) -> None:
        """Add the options."""
        if not self._is_ours:
            return
        add = loader.add_option
        add("callgraft_site", str, "", "Path of the Site document (TOML), or store:KEY.")
        add("callgraft_backend", str, DEFAULT_BACKEND, "Where calls and leases are kept.")
        add("callgraft_leases", str, "", "The Redis that leases are kept in, beside that.")
        add("callgraft_token", str, "", "What a tracking server knows this machine by.")
        add("callgraft_geo", str, "", "Path of a city database in MaxMind's format.")
        add("callgraft_referrers", str, "", "Path of a list of search engines and the like.")
        add(
            "callgraft_trusted_proxies",
            Sequence[str],
            [],
            "Networks of proxies to believe.",
        )
        add("callgraft_max_body", int, 8 * 2**20, "A page of more bytes passes unchanged.")
        add("callgraft_budget", str, "50ms", "How long a page waits for its numbers.")
        add("callgraft_strict", bool, False, "Raise what goes wrong instead of passing the page.")

    def configure(self, updated: Collection[str]) -> None:
        """Open the engine anew when an option of ours changed."""
        if not self._is_ours or not any(name.startswith("callgraft_") for name in updated):
            return
        engine = _opened()
        self.done()
        self._engine = engine

    def running(self) -> None:
        """Warn of the one setting that leaves every page without its numbers."""
        options = ctx.options
        is_reverse = any(mode.startswith("reverse") for mode in options.mode)
        if is_reverse and not options.keep_host_header:
            logger.warning(
                "In reverse mode mitmproxy forgets which host was asked for, and a Site document"
                " that lists hosts shows no numbers. Add --set keep_host_header."
            )

    def done(self) -> None:
        """Close the engine, if it is ours."""
        if self._is_ours and self._engine is not None:
            self._engine.close()
            self._engine = None

    async def request(self, flow: HTTPFlow) -> None:
        """Answer what is the engine's own; ask the site only for codings that we can undo."""
        if self._engine is None or flow.error or flow.response:
            return
        visit = visit_of(flow)
        if self._engine.owns(visit):
            flow.response = response_of(await _answer(self._engine, visit, flow))
            return
        if self._engine.needs_whole(visit):
            for name in CONDITIONAL_FIELDS:
                flow.request.headers.pop(name, None)
        lines = flow.request.headers.get_all("accept-encoding")
        if lines:
            flow.request.headers["accept-encoding"] = narrowed(lines)

    def responseheaders(self, flow: HTTPFlow) -> None:
        """Let everything that is no page stream through."""
        if self._engine is None or flow.error or flow.response is None:
            return
        if self._engine.wants(head_of(flow.response), visit_of(flow)):
            flow.metadata[_WANTED] = True
        elif flow.response.raw_content is None:
            flow.response.stream = True

    async def response(self, flow: HTTPFlow) -> None:
        """Put the numbers into a page that came whole."""
        wanted = flow.metadata.pop(_WANTED, False)
        if not wanted or self._engine is None or flow.error or flow.response is None:
            return
        body = flow.response.raw_content
        # None where mitmproxy's option stream_large_bodies streamed it past us.
        if body is None:
            return
        held = Holding(head_of(flow.response), max_body=self._engine.settings.max_body)
        if page := held.read([body]):
            put(await self._engine.aswap(visit_of(flow), page), flow.response)


async def _answer(engine: Engine, visit: Visit, flow: HTTPFlow) -> Page:
    body = flow.request.raw_content
    # Without a body it was streamed past us, because it is large.
    return await engine.aanswer(visit, _TOO_MUCH if body is None else body)


def _opened() -> Engine:
    options = ctx.options
    if not options.callgraft_site:
        raise _refused("callgraft_site is not set. Add --set callgraft_site=FILE, a Site document.")
    if options.callgraft_max_body < 1:
        raise _refused(f"callgraft_max_body = {options.callgraft_max_body}: write at least 1 byte.")
    try:
        return open_engine(
            options.callgraft_site,
            backend=options.callgraft_backend,
            leases=options.callgraft_leases or None,
            token=options.callgraft_token or None,
            geo=options.callgraft_geo or None,
            referrers=options.callgraft_referrers or None,
            trusted_proxies=options.callgraft_trusted_proxies,
            budget=_budget(options.callgraft_budget),
            max_body=options.callgraft_max_body,
            strict=options.callgraft_strict,
        )
    except (SetupError, StoreUnavailable) as exc:
        raise _refused(str(exc)) from exc


def _budget(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as exc:
        raise _refused(f"callgraft_budget: {exc}") from exc


def _refused(message: str) -> exceptions.OptionsError:
    return exceptions.OptionsError(message)  # type: ignore[no-untyped-call]  # mitmproxy's own gap
