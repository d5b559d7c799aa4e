"""Page views, signs and call events as items to send, and as requests that send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from callgraft.client.remote.question import Question
from callgraft.client.remote.spool import Item
from callgraft.client.wire import dump, load
from callgraft.tracking.values import CallEvent, PageView, SessionSign


def view_item(view: PageView) -> Item:
    """The page load alone: nobody waits for its numbers any more."""
    return _item("view", view.site, dump(replace(view, wanted=())))


def sign_item(sign: SessionSign) -> Item:
    return _item("sign", sign.site, dump(sign))


def call_item(event: CallEvent) -> Item:
    """Known by the event's id, so that a repetition is the same item."""
    key = dump([event.provider, event.account, event.event_id]).decode()
    return Item(kind="call", site=event.site, key=key, body=dump(event))


def event_of(item: Item) -> CallEvent:
    return load(CallEvent, item.body)


def questions(items: Sequence[Item]) -> Sequence[Question]:
    """The requests that bring items of one kind to the server."""
    match items[0].kind:
        case "view":
            return [_batch("/v1/page-views", "views", items)]
        case "sign":
            return [_batch("/v1/signs", "signs", items)]
    return [Question(method="POST", path="/v1/call-events", body=each.body) for each in items]


def _item(kind: str, site: str, body: bytes) -> Item:
    return Item(kind=kind, site=site, key=blake2b(body, digest_size=16).hexdigest(), body=body)


def _batch(path: str, name: str, items: Sequence[Item]) -> Question:
    listed = b",".join(each.body for each in items)
    return Question(method="POST", path=path, body=b'{"%s":[%s]}' % (name.encode(), listed))
