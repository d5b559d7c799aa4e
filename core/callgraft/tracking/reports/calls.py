"""The report of calls: read once, counted, put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callgraft.stores.protocol import Store
from callgraft.tracking.reports.facts import WEEKDAYS, Values
from callgraft.tracking.reports.pieces import pieces_of, sharing_of
from callgraft.tracking.reports.query import MARKOV, TOUCH, ReportQuery, before, of_site
from callgraft.tracking.reports.reading import Step, calls_read
from callgraft.tracking.reports.removal import Removal
from callgraft.tracking.reports.sums import Key, Sum, Sums
from callgraft.tracking.reports.values import CLIENT, OTHERS, UNKNOWN, Report, Row
from callgraft.tracking.shown import Certainty, shown_as
from callgraft.tracking.values import Call, CallMark

_MOST_DAYS = 400
"""Days without a call are told as well, in periods that are no longer than this."""


def report(store: Store, query: ReportQuery, *, step: Step | None = None) -> Report:
    """
    Count the calls of a period by where they came from.

    Every total is a sum of probabilities. All is read from the calls and the sessions themselves,
    so another model, asked for later, gives what it would have given from the start.

    :param step: is told how far it came.
    :raises StoreUnavailable: the store does not answer.
    """
    zone = of_site(query.timezone)
    now = _Period(query, zone)
    earlier = _Period(before(query), zone) if query.compared else None
    periods = [each for each in (earlier, now) if each]
    for each in periods:
        each.count(store, step)
    return _report(query, zone, now, earlier)


class _Period:
    """What came of one period."""

    def __init__(self, query: ReportQuery, zone: ZoneInfo) -> None:
        self._query, self._zone = query, zone
        self._sharing = sharing_of(query)
        self._removal = Removal(query) if query.model == MARKOV else None
        self.sums = Sums(query)
        self.counted = 0
        self.shown_as: Counter[Certainty] = Counter()

    def count(self, store: Store, step: Step | None) -> None:
        query = self._query
        pages = calls_read(store, query.site, since=query.since, until=query.until, step=step)
        for page in pages:
            for call in page.calls:
                if not _is_asked_for(call, query):
                    continue
                values = Values(query, call, self._zone, page.roles)
                pieces = pieces_of(
                    call, page.sessions, sharing=self._sharing, lookback=query.lookback
                )
                if self.sums.add(call, pieces, values):
                    self.counted += 1
                    self.shown_as[shown_as(call).certainty] += 1
                    if self._removal:
                        self._removal.add(pieces, values)
        if self._removal:
            self._removal.share_out(store, self.sums)

    @property
    def is_margin_known(self) -> bool:
        return self._removal is None


def _is_asked_for(call: Call, query: ReportQuery) -> bool:
    marks = set(call.marks)
    is_wanted = not query.marks or not marks.isdisjoint(query.marks)
    # Who asks for service calls wants them, whatever is left out otherwise.
    return is_wanted and marks.isdisjoint(set(query.without) - set(query.marks))


def _report(query: ReportQuery, zone: ZoneInfo, now: _Period, earlier: _Period | None) -> Report:
    has_margin = now.is_margin_known
    has_assists = all(each in TOUCH for each in query.by)
    rows = _cut(_in_order(query, zone, now.sums, earlier), query, earlier)

    def row(key: Key, one: Sum, old: Sum | None) -> Row:
        return Row(
            values=key,
            calls=one.calls,
            margin=one.margin if has_margin else None,
            marks=_marks(one),
            assisted=one.assisted if has_assists and has_margin else None,
            before=old.calls if old else None,
            before_margin=old.margin if old and has_margin else None,
        )

    return Report(
        site=query.site,
        since=query.since,
        until=query.until,
        timezone=query.timezone,
        by=query.by,
        model=query.model,
        rows=tuple(row(*each) for each in rows),
        total=row((), now.sums.total, earlier.sums.total if earlier else None),
        known=row((), now.sums.known, earlier.sums.known if earlier else None),
        counted=now.counted,
        counted_before=earlier.counted if earlier else None,
        shown_as={each.value: now.shown_as[each] for each in Certainty if now.shown_as[each]},
    )


_Listed = tuple[Key, Sum, Sum | None]


def _in_order(
    query: ReportQuery, zone: ZoneInfo, sums: Sums, earlier: _Period | None
) -> list[_Listed]:
    """The largest first; what has an order of its own, in that, with what has no call."""
    old = earlier.sums.rows if earlier else {}
    keys = {*sums.rows, *old}
    clock = list(_clock(query, zone)) if len(query.by) == 1 else []
    if clock:
        # Days of the period before are other days: nothing stands beside them.
        ordered: Sequence[Key] = [(value,) for value in clock]
    else:
        ordered = sorted(
            keys,
            key=lambda key: (_is_last(key), -_calls(sums.rows, key), -_calls(old, key), key),
        )
    return [
        (key, sums.rows.get(key, Sum()), old.get(key, Sum()) if earlier else None)
        for key in ordered
    ]


def _cut(rows: list[_Listed], query: ReportQuery, earlier: _Period | None) -> list[_Listed]:
    """As many rows as were asked for, and one for the others."""
    told = [row for row in rows if not _is_last(row[0])]
    if len(told) <= query.limit or query.by[0] in _CLOCK:
        return rows
    shown, others = told[: query.limit], told[query.limit :]
    rest, rest_before = Sum(), Sum()
    for _, one, old in others:
        rest += one
        rest_before += old or Sum()
    key = (OTHERS,) * len(query.by)
    last = [row for row in rows if _is_last(row[0])]
    return [*shown, (key, rest, rest_before if earlier else None), *last]


_CLOCK = ("hour", "weekday", "day", "month")


def _clock(query: ReportQuery, zone: ZoneInfo) -> Iterator[str]:
    """All values of what goes by the clock, also those that nobody rang at."""
    first = query.since.astimezone(zone)
    last = (query.until - timedelta.resolution).astimezone(zone)
    match query.by[0]:
        case "hour":
            yield from (f"{hour:02}" for hour in range(24))
        case "weekday":
            yield from WEEKDAYS
        case "day":
            days = (last.date() - first.date()).days + 1
            if days <= _MOST_DAYS:
                yield from (f"{first.date() + timedelta(days=day)}" for day in range(days))
        case "month":
            yield from _months(first, last)


def _is_last(key: Key) -> bool:
    """What nobody knows, or what has no source, stands below what is known."""
    return key[0] in (UNKNOWN, CLIENT)


def _months(first: datetime, last: datetime) -> Iterator[str]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{month // 12:04}-{month % 12 + 1:02}"


def _marks(one: Sum) -> Mapping[str, float]:
    return {mark.value: one.marks[mark] for mark in CallMark if mark in one.marks}


def _calls(rows: Mapping[Key, Sum], key: Key) -> float:
    return rows[key].calls if key in rows else 0.0
