"""Requests to a tracking server from threads, over connections that stay open."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, ReadTimeoutError

from callgraft.client.remote.address import Address
from callgraft.client.remote.answers import LARGEST, Answer, Refused
from callgraft.client.remote.breaker import Breaker
from callgraft.client.remote.question import CONNECT, Attempts, Late, Question

_PIECE = 64 * 1024


class Connection:
    """Asks a tracking server; each thread has a connection of its own, and each process too."""

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
        attempts = Attempts(question, self._breaker, self.name, deadline=deadline)
        while True:
            attempts.begin()
            try:
                return attempts.heard(self._once(question, attempts.until))
            except (Late, Refused) as failure:
                time.sleep(attempts.pause_after(failure))

    def _once(self, question: Question, until: float) -> Answer:
        try:
            return self._exchanged(question, until)
        except (requests.Timeout, ReadTimeoutError) as exc:
            raise Late(f"{self.name} did not answer in time.") from exc
        except (requests.RequestException, HTTPError) as exc:
            raise Refused(f"{self.name} cannot be reached ({_reason(exc)}).") from exc

    def _exchanged(self, question: Question, until: float) -> Answer:
        left = until - time.monotonic()
        if left <= 0:
            raise requests.Timeout
        with self._session().request(
            question.method,
            self._address.root + question.path,
            data=question.body or None,
            headers=question.all_headers(until),
            timeout=(min(left, CONNECT), left),
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


def _reason(exc: Exception) -> str:
    """Why, in a word: the whole text would tell addresses of objects and hosts of proxies."""
    if isinstance(exc, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    return "no connection" if isinstance(exc, requests.ConnectionError) else type(exc).__name__
