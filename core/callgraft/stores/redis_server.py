"""One Redis, or one Redis Cluster: scripts run on it, and errors in Callgraft's words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callgraft.errors import BackendError, StoreUnavailable
from callgraft.stores.redis_entry import SiteKeys
from callgraft.stores.redis_scripts import Script
from callgraft.stores.urls import redis_url, without_secrets

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

logger = logging.getLogger(__name__)

_TIMEOUT = 0.5
"""Seconds that Redis may take to connect or to answer; a page waits for 50 ms."""


class Cold(StoreUnavailable):
    """Redis does not know the site, or not any more."""

    def __init__(self, site: str) -> None:
        super().__init__(f"Redis does not know the leases of {site!r}.")
        self.site = site


class Away(StoreUnavailable):
    """Redis does not answer, or refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFacts:
    """
    What an operator should know of a Redis.

    ``policy`` is what it does when its memory is full; ``most_memory`` is 0 where nothing limits
    it; ``is_failing`` says that it could not write to its disk, and takes no more.
    """

    version: str
    policy: str
    memory: int
    most_memory: int
    is_kept: bool
    is_failing: bool


class RedisServer:
    """
    Runs scripts; safe from several threads, and after a fork.

    :raises BackendError: the URL names nothing that can be used, or redis-py is missing.
    :raises StoreUnavailable: nobody answers there.
    """

    def __init__(self, url: str) -> None:
        self._name = without_secrets(url)
        try:
            import redis
        except ModuleNotFoundError as error:
            cure = 'Install it: pip install "callgraft[redis]".'
            raise BackendError("leases", self._name, "needs redis-py.", cure) from error
        self._errors = redis.exceptions
        self._client = self._connect(redis_url(url))
        self._look_at_memory()

    def run(
        self, script: Script, site: SiteKeys, names: Sequence[str], *arguments: str | int
    ) -> Any:
        """
        Return what the script returns; its first key is the site's epoch, ``names`` come then.

        :raises Cold: the script's guard says that Redis does not know the site.
        :raises Away: Redis does not answer, or refuses.
        """
        try:
            return self._run(script, (site.epoch, *names, *map(str, arguments)), 1 + len(names))
        except self._errors.ResponseError as error:
            if str(error).startswith("COLD"):
                raise Cold(site.site) from None
            raise Away(f"{self._name}: {error}") from error
        except (self._errors.RedisError, OSError) as error:
            raise Away(f"{self._name}: {error}") from error

    def facts(self) -> RedisFacts:
        """
        What the server says of itself; of a cluster, what one of its nodes says.

        :raises Away: it does not answer.
        """
        told: dict[str, Any] = {}
        try:
            for part in ("server", "memory", "persistence"):
                answer: Any = self._client.info(part)
                told |= next(iter(answer.values())) if _is_by_node(answer) else answer
        except (self._errors.RedisError, OSError) as error:
            raise Away(f"{self._name}: {error}") from error
        return RedisFacts(
            version=str(told.get("redis_version", "")),
            policy=str(told.get("maxmemory_policy", "noeviction")),
            memory=int(told.get("used_memory", 0)),
            most_memory=int(told.get("maxmemory", 0)),
            is_kept=bool(told.get("aof_enabled")),
            is_failing="err"
            in (told.get("rdb_last_bgsave_status"), told.get("aof_last_write_status")),
        )

    def close(self) -> None:
        self._client.close()

    def _run(self, script: Script, told: tuple[str, ...], keys: int) -> Any:
        try:
            return self._client.evalsha(script.sha, keys, *told)
        except self._errors.NoScriptError:
            # The first time, and after every restart; it is kept for the next time.
            return self._client.eval(script.text, keys, *told)

    def _connect(self, url: str) -> Redis | RedisCluster:
        from redis import Redis, RedisCluster
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # A connection that a restart left dead is replaced at once; a Redis that is slow is not
        # asked again, because the page would have to wait.
        once = Retry(NoBackoff(), 1, supported_errors=(self._errors.ConnectionError,))
        terms = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT, "retry": once}
        try:
            client = Redis.from_url(url, **terms)
            if not client.info("cluster").get("cluster_enabled"):
                return client
            client.close()
            return RedisCluster.from_url(url, **terms)
        except (self._errors.RedisError, OSError) as error:
            raise StoreUnavailable(f"{self._name}: {error}") from error
        except (ValueError, TypeError) as error:
            problem, cure = f"is no Redis URL: {error}.", 'Write it like "redis://host/0".'
            raise BackendError("leases", self._name, problem, cure) from error

    def _look_at_memory(self) -> None:
        """A Redis that throws keys away when it is full would forget half of a site."""
        try:
            policy = self._client.info("memory").get("maxmemory_policy", "noeviction")
        except self._errors.RedisError:
            return
        if policy != "noeviction":
            logger.warning(
                "%s may throw leases away when it is full (maxmemory-policy %s): set noeviction.",
                self._name,
                policy,
            )


def _is_by_node(answer: Any) -> bool:
    return all(isinstance(each, dict) for each in answer.values())
