"""
Look for pages that break the rewriter's promises, guided by coverage; run by hand::

    pip install atheris
    python benchmarks/fuzz_html.py --minutes 10

Checked on every page: nothing is raised; a number swapped for itself changes no byte; no byte
outside of the reported places changes; a page in pieces gives the same page; numbers swapped back
give the original; a plan from the cache is the plan; with the compiled scanner, if it is there, the
places are those without. What breaks one of them is written to a file,
and ``--again FILE`` shows it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.fuzz_pages import HEADER, Draw, seed

with atheris.instrument_imports(include=["callgraft.html", "callgraft.phone"]):
    from callgraft.html import Plan, PlanCache, Stream, Targets, make_plan, skim
    from callgraft.html.kinds import POLICY
    from callgraft.html.selectors import MARKUP_WORD
    from callgraft.phone import Number, read
    from callgraft.site import Target

ROOT = Path(__file__).resolve().parents[1]
SHOWN = read("+7 495 123-45-67")
ALIKE = read("+7 499 000-00-01")
TRACKING = (
    ALIKE,
    read("+7 4812 34-56-78"),
    read("+44 20 7946 0123"),
    read("8 800 000-00-01", "RU"),
)
EVERYWHERE = dict.fromkeys(POLICY, "swap")
LONGEST_NUMBER = 1500
OTHERS = (read("+1 212 555 0123"), read("+7 499 765-43-21"), read("+44 161 496 0123"))

ONE = Targets.of([Target(key="main", number=SHOWN)])
ALL = Targets.of(
    Target(key=number.e164 if number is not SHOWN else "main", number=number, places=EVERYWHERE)
    for number in (SHOWN, *OTHERS)
)
BACK = {
    id(of): Targets.of([Target(key="main", number=ALIKE, places=of.targets[0].target.places)])
    for of in (ONE, ALL)
}
CACHE = PlanCache(2**20)


class BrokenPromiseError(Exception):
    """What was promised, and does not hold for this page."""


def main() -> None:
    """Start the fuzzer in a process of its own, which ends without a word, and sum up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--again", type=Path, metavar="FILE", help="a page that broke a promise")
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help="options for libFuzzer: -- -max_len=9000")
    options = parser.parse_args()
    if options.again:
        check(options.again.read_bytes())
        print("It holds.")
    elif options.corpus:
        atheris.Setup([sys.argv[0], options.corpus, *options.rest], check)
        atheris.Fuzz()
    else:
        sys.exit(_run(options.minutes, options.rest))


def check(data: bytes) -> None:
    """Raise where a promise does not hold for the page that ``data`` stands for."""
    draw = Draw(data)
    targets = draw.one_of((ONE, ALL))
    numbers = {"main": draw.one_of(TRACKING)}
    page, content_type = draw.page()
    plan = make_plan(page, targets, content_type=content_type)
    itself = {target.key: target.target.number for target in targets.targets}
    _hold(plan.swap(itself) == page, "A number swapped for itself changes no byte.")
    swapped = plan.swap(numbers)
    _hold(_same_outside(page, plan, swapped), "No byte changes outside of the places.")
    streamed = _streamed(draw.pieces(page), targets, numbers, content_type)
    if MARKUP_WORD in page:
        # What is around a number is known of whole pages only: a stream keeps more than a plan.
        swapped_at_once = _streamed([page], targets, numbers, content_type)
        _hold(streamed == swapped_at_once, "A page in pieces gives the page that one piece gives.")
    else:
        _hold(streamed == swapped, "A page in pieces gives the same page.")
    _check_cache(draw, page, plan, targets, content_type)
    _check_patterns(page, plan, targets, content_type)
    if numbers["main"] is ALIKE and _shape(swapped) == _shape(page):
        _check_back(page, swapped, BACK[id(targets)], content_type)


def _same_outside(page: bytes, plan: Plan, swapped: bytes) -> bool:
    """Whether ``swapped`` is the pieces of ``page`` with something short between them."""
    pieces, end = [], 0
    for place in plan.places:
        if place.policy == "swap" and place.target == "main":
            _hold(place.start >= end, "Places do not overlap.")
            pieces.append(page[end : place.start])
            end = place.end
    if not swapped.startswith(pieces[0] if pieces else page):
        return False
    # All ends that fit: what a piece looks like may stand in a number too.
    ends = {len(pieces[0] if pieces else page)}
    for piece in [*pieces[1:], page[end:]] if pieces else ():
        ends = {
            at + len(piece)
            for start in ends
            for at in _finds(swapped, piece, start + 3, start + LONGEST_NUMBER)
        }
    return len(swapped) in ends


def _finds(text: bytes, piece: bytes, first: int, last: int) -> Iterator[int]:
    while (first := text.find(piece, first, last + len(piece))) >= 0:
        yield first
        first += 1


def _streamed(
    pieces: list[bytes], targets: Targets, numbers: dict[str, Number], content_type: str | None
) -> bytes:
    stream = Stream(targets, numbers, content_type=content_type)
    return b"".join([*map(stream.feed, pieces), stream.close()])


def _check_cache(
    draw: Draw, page: bytes, plan: Plan, targets: Targets, content_type: str | None
) -> None:
    # First a page like it, with another token: what was remembered of that one must do no harm.
    CACHE.plan(draw.like(page), targets, content_type=content_type)
    remembered = CACHE.plan(page, targets, content_type=content_type)
    _hold(remembered.places == plan.places, "A plan from the cache has the same places.")
    for number in TRACKING[:2]:
        same = remembered.swap({"main": number}) == plan.swap({"main": number})
        _hold(same, "A plan from the cache gives the same page.")


def _check_patterns(page: bytes, plan: Plan, targets: Targets, content_type: str | None) -> None:
    scanner, skim.compiled = skim.compiled, None
    targets.looks.clear()
    places = make_plan(page, targets, content_type=content_type).places
    skim.compiled = scanner
    _hold(places == plan.places, "Patterns alone find what the compiled scanner finds.")


def _check_back(page: bytes, swapped: bytes, back: Targets, content_type: str | None) -> None:
    if make_plan(page, back, content_type=content_type).places:
        return
    again = make_plan(swapped, back, content_type=content_type).swap({"main": SHOWN})
    _hold(again == page, "Numbers swapped back give the page as it was.")


def _shape(page: bytes) -> bytes:
    """The page with all digits alike: equal where each group has kept its length."""
    return page.translate(bytes.maketrans(b"0123456789", b"0000000000"))


def _hold(holds: bool, promise: str) -> None:
    if not holds:
        raise BrokenPromiseError(promise)


def _run(minutes: float, rest: list[str]) -> int:
    with tempfile.TemporaryDirectory() as corpus:
        count = _plant_seeds(Path(corpus))
        command = [sys.executable, __file__, "--corpus", corpus, "--", *rest]
        command += [f"-max_total_time={minutes * 60:.0f}", "-max_len=6000", "-timeout=20"]
        command.append(f"-artifact_prefix={tempfile.gettempdir()}/callgraft-")
        found = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        ran = covered = ""
        for line in found.stderr or ():
            ran = (re.findall(r"^#(\d+)", line) or [ran])[0]
            covered = (re.findall(r"cov: (\d+ ft: \d+)", line) or [covered])[0]
            if not re.match(r"#\d+\s+(NEW|REDUCE)", line):
                print(line, end="", flush=True)
        found.wait()
    covered = covered.replace(" ft:", " edges,")
    print(f"\n{ran} executions from {count} seeds, {covered} features covered: ", end="")
    print("every promise held." if not found.returncode else "A PROMISE BROKE, see above.")
    return found.returncode


def _plant_seeds(corpus: Path) -> int:
    """Write what surrounds each number of the pages that we have."""
    pages = [*(ROOT / "examples/legacy_site/pages").rglob("*.html")]
    pages += [*(ROOT / "tests/core/html/cases").rglob("*.*")]
    pieces = {b"<p>8 495 123-45-67</p>"}
    for page in (path.read_bytes() for path in pages):
        places = make_plan(page, ALL, content_type=None).places
        pieces |= {page[max(one.start - 300, 0) : one.end + 200] for one in places}
        pieces.add(page[:1500])
    for index, piece in enumerate(sorted(pieces)):
        (corpus / f"page-{index}").write_bytes(bytes(HEADER) + piece)
    for index in range(200):
        (corpus / f"soup-{index}").write_bytes(seed(index))
    return len(pieces) + 200


if __name__ == "__main__":
    main()
