"""A wire between a client and a server on which things go wrong."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class Relay:
    """
    Passes bytes on both ways between whoever connects and ``port``.

    While ``answers`` is cleared, answers are held back; with ``cuts_answers`` the connection breaks
    as soon as an answer begins, which the server does not notice.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.answers = threading.Event()
        self.answers.set()
        self.cuts_answers = False
        self.connections = 0
        self._ended: list[None] = []
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *failed: object) -> None:
        self.answers.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        for each in (self._listening, *self._open):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self.connections += 1
            self._open += [client, server]
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            is_answer = source.getpeername()[1] == self._to
            while piece := source.recv(65536):
                if is_answer and self.cuts_answers:
                    break
                if is_answer:
                    self.answers.wait()
                sink.sendall(piece)
        self._ended.append(None)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @property
    def open(self) -> int:
        """How many connections there are now; each has two ends."""
        return self.connections - len(self._ended) // 2
