"""Site documents at a tracking server, and what is kept of them here."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from callgraft.client.remote.answers import Answer, NothingThere
from callgraft.client.remote.bodies import Editions, SitesInForce
from callgraft.client.remote.question import Question
from callgraft.client.remote.tracker import Tracker, path_of
from callgraft.errors import NotPublished, SetupError, TrackerUnavailable
from callgraft.site import Site
from callgraft.stores.protocol import Published

logger = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(seconds=30)
_NOT_AT_ALL = timedelta(0)
_MOST = 500


class Documents:
    """
    Publishes documents and tells which is in force.

    The newest that the server told of is kept on disk, and told again while it does not answer.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._is_told = False

    def publish(self, site: Site, by: str) -> None:
        """
        Bring ``site`` into force, unless it is.

        :raises SetupError: the site was put together in Python, and there is nothing to send.
        """
        if not site.document:
            cure = "Write it as TOML, and read it with callgraft.read_site()."
            raise SetupError("site", site.key, "has no document that could be sent.", cure)
        try:
            if not self._is_in_force(site):
                self._put(site, by)
        except TrackerUnavailable as exc:
            kept = self._tracker.state.published(site.key)
            if kept is None or kept.version != site.version:
                raise
            self._tell_of(exc)

    def published(self, site: str, other_than: str, wait: timedelta) -> Published | None:
        try:
            answer = self._document(site, other_than, wait)
            found = None if answer.status == 304 else self._tracker.value(Published, answer)
        except NotPublished:
            return None
        except TrackerUnavailable as exc:
            kept = self._tracker.state.published(site)
            if other_than or kept is None:
                raise
            self._tell_of(exc)
            return kept
        if found:
            self._tracker.state.keep_published(found)
        return found

    def editions(self, site: str, limit: int) -> Sequence[Published]:
        query = {"limit": min(limit, _MOST)}
        return list(self._tracker.get(Editions, path_of(site, "editions"), query).items)

    def sites(self) -> Mapping[str, str]:
        try:
            listed = self._tracker.get(SitesInForce, "/v1/sites").items
        except TrackerUnavailable as exc:
            kept = self._tracker.state.all_published()
            if not kept:
                raise
            self._tell_of(exc)
            return {each.site: each.version for each in kept}
        self._is_told = False
        return {each.site: each.version for each in listed}

    def restore(self, site: str, edition: int, by: str) -> Published:
        path = path_of(site, "editions", edition, "restore")
        try:
            answer = self._tracker.ask(Question(method="POST", path=path, headers=_named(by)))
        except NothingThere as exc:
            raise NotPublished(site) from exc
        return self._tracker.value(Published, answer)

    def _document(self, site: str, other_than: str, wait: timedelta) -> Answer:
        seconds = min(wait, _LONGEST_WAIT).total_seconds()
        question = Question(
            method="GET",
            path=path_of(site, "document") + (f"?wait={seconds:.3f}" if seconds > 0 else ""),
            headers={"If-None-Match": f'"{other_than}"'} if other_than else {},
        )
        return self._tracker.ask(replace(question, patience=question.patience + seconds))

    def _is_in_force(self, site: Site) -> bool:
        try:
            return self._document(site.key, site.version, _NOT_AT_ALL).status == 304
        except NotPublished:
            return False

    def _tell_of(self, exc: TrackerUnavailable) -> None:
        """Once for each outage: doors ask every second."""
        if not self._is_told:
            self._is_told = True
            logger.warning("Documents are in force as they were kept on disk: %s", exc)

    def _put(self, site: Site, by: str) -> None:
        question = Question(
            method="PUT",
            path=path_of(site.key, "document"),
            body=site.document.encode(),
            headers={"Content-Type": "application/toml", **_named(by)},
        )
        answer = self._tracker.ask(question)
        self._tracker.state.keep_published(self._tracker.value(Published, answer))


def _named(by: str) -> dict[str, str]:
    return {"Callgraft-By": quote(by)} if by else {}
