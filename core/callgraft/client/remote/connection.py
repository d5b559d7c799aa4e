"""Requests to a tracking server from threads, over connections that stay open."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, ReadTimeoutError

from callgraft.client.remote.address import Address
from callgraft.client.remote.answers import LARGEST, Answer, Refused, checked
from callgraft.client.remote.breaker import Breaker, TrackerResting
from callgraft.errors import SetupError, TrackerUnavailable
from callgraft.version import __version__

_CONNECT = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    One request that may be sent again.

    None of ours needs an ``Idempotency-Key``, which would cost the server two writes more: a page
    view is known by its session and moment, a call event by its id, a document by its version.
    ``patience`` is how many seconds the server may take over it by itself.
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 5.0

    def all_headers(self, deadline: float) -> dict[str, str]:
        """With how long somebody waits for the answer: later the server need not begin."""
        left = max(1, int((deadline - time.monotonic()) * 1000))
        told = {"Callgraft-Budget": str(left), **self.headers}
        if self.body:
            told.setdefault("Content-Type", "application/json")
        return told


class Connection:
    """
    Asks a tracking server; each thread has a connection of its own, and each process too.

    A question that fails is asked again, at once the first time (the server may have closed a
    connection that stood idle), then after pauses of random length, and never past its deadline.
    """

    def __init__(self, address: Address, breaker: Breaker) -> None:
        self.name = address.root
        self._address = address
        self._breaker = breaker
        self._own = threading.local()

    def ask(self, question: Question, *, deadline: float | None = None) -> Answer:
        """
        Return the answer to the question.

        :param deadline: a moment of ``time.monotonic()`` after which nobody waits.
        :raises TrackerUnavailable: there is none in time.
        :raises CallgraftError: the server says what is wrong with it.
        """
        patient_until = time.monotonic() + question.patience
        until = patient_until if deadline is None else min(deadline, patient_until)
        failure: TrackerUnavailable | None = None
        for pause in _pauses():
            try:
                self._breaker.admit()
                return self._judged(question, until, is_hurried=until < patient_until)
            except TrackerResting as exc:
                raise failure or exc from None
            except Refused as exc:
                failure = exc
            if time.monotonic() + pause >= until:
                break
            time.sleep(pause)
        raise failure or TrackerUnavailable(f"{self.name} had no time left to answer.")

    def _judged(self, question: Question, until: float, *, is_hurried: bool) -> Answer:
        """Ask once, and tell the breaker what came of it."""
        try:
            raw = self._once(question, until)
        except (requests.Timeout, ReadTimeoutError) as exc:
            late = TrackerUnavailable(f"{self.name} did not answer in time.")
            if is_hurried:
                raise late from exc  # that is for the engine's Budget to judge
            self._breaker.refused(str(late))
            raise late from exc
        except (requests.RequestException, HTTPError) as exc:
            problem = f"{self.name} cannot be reached ({_reason(exc)})."
            self._breaker.refused(problem)
            raise Refused(problem) from exc
        try:
            answer = checked(raw, self.name)
        except Refused as exc:
            self._breaker.refused(str(exc), retry_after=exc.retry_after)
            raise
        except SetupError as exc:
            if raw.status == 401:
                self._breaker.refused(str(exc))
            raise
        self._breaker.answered()
        return answer

    def _once(self, question: Question, until: float) -> Answer:
        left = until - time.monotonic()
        if left <= 0:
            raise requests.Timeout
        with self._session().request(
            question.method,
            self._address.root + question.path,
            data=question.body or None,
            headers=question.all_headers(until),
            timeout=(min(left, _CONNECT), left),
            allow_redirects=False,  # the token goes to this server alone
            stream=True,
        ) as response:
            body = b"".join(_pieces(response, until))
            return Answer(status=response.status_code, headers=response.headers, body=body)

    def _session(self) -> requests.Session:
        # After a fork the parent's connections are here too, and are the parent's.
        process, session = getattr(self._own, "session", (0, None))
        if session is None or process != os.getpid():
            session = _session(self._address)
            self._own.session = (os.getpid(), session)
        return session


def _session(address: Address) -> requests.Session:
    session = requests.Session()
    # A .netrc would put its own password in the token's place. Proxies and CA files stay possible.
    session.trust_env = False
    session.proxies.update(get_environ_proxies(address.root))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(address.headers)
    session.headers.update(
        {"User-Agent": f"callgraft/{__version__}", "Accept-Encoding": "identity"}
    )
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _pieces(response: requests.Response, until: float) -> Iterator[bytes]:
    """The body, unless it comes so slowly or is so large that it cannot be an answer of ours."""
    size = 0
    # Not iter_content(): that waits for a whole piece, however slowly its bytes come in.
    while piece := response.raw.read1(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise requests.RequestException("the answer is too large")
        yield piece
        if time.monotonic() > until:
            raise requests.Timeout


def _pauses() -> Iterator[float]:
    """None, and then random ones around twice as long each time: doors must not come in step."""
    yield 0.0
    longest = _FIRST_PAUSE
    while True:
        yield random.uniform(0, longest)  # noqa: S311  no secret
        longest = min(longest * 2, _LONGEST_PAUSE)


def _reason(exc: Exception) -> str:
    """Why, in a word: the whole text would tell addresses of objects and hosts of proxies."""
    if isinstance(exc, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    return "no connection" if isinstance(exc, requests.ConnectionError) else type(exc).__name__
