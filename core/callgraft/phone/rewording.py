"""Which digits of the tracking number each zone of a notation shows."""

from __future__ import annotations

from callgraft.phone.anatomy import Anatomy
from callgraft.phone.notation import Notation, Role, Zone, digits_of

_Words = dict[Role, str]


def reword(
    notation: Notation,
    target: Anatomy,
    tracking: Anatomy,
    ends: frozenset[int],
    *,
    plus: bool | None,
    joint: str,
) -> list[str]:
    """
    Give each zone of the target's notation its text for the tracking number.

    :param ends: after how many digits a written group ends.
    :param joint: what stands between two parts of the number that share a group.
    """
    roles = {zone.role for zone in notation}
    if target.country_code == tracking.country_code:
        words = _of_same_country(notation, target, tracking, joint)
    elif Role.COUNTRY in roles:
        words = _abroad_with_country_code(notation, tracking, plus)
    else:
        words = _abroad_in_national_notation(notation, tracking, ends, plus, joint)
    if Role.AREA not in roles and Role.PLACE not in roles:
        words[Role.SUBSCRIBER] = words[Role.AREA] + words[Role.SUBSCRIBER]
    return [words.get(zone.role, "") for zone in notation]


def _of_same_country(notation: Notation, target: Anatomy, tracking: Anatomy, joint: str) -> _Words:
    roles = {zone.role for zone in notation}
    words: _Words = {zone.role: zone.digits for zone in notation if zone.role is not Role.OLD}
    words |= {Role.AREA: tracking.area, Role.SUBSCRIBER: tracking.subscriber}
    _mark(words, notation, tracking)
    if Role.TRUNK in roles:
        words[Role.TRUNK] = _trunk(words[Role.TRUNK], target, tracking)
    elif Role.COUNTRY not in roles and not target.trunk:
        words[Role.AREA] = tracking.trunk + words[Role.AREA]
    if Role.PLACE in roles and tracking.area != target.area:
        words[Role.PLACE] = _joined(joint, tracking.trunk, tracking.area) + joint
    return words


def _trunk(written: str, target: Anatomy, tracking: Anatomy) -> str:
    # Australia's 1800 has no trunk prefix, Brazil's 0800 has one; a city number is the reverse.
    falls_away = target.trunk and not tracking.trunk
    return written if written in tracking.trunks and not falls_away else tracking.trunk


def _mark(words: _Words, notation: Notation, tracking: Anatomy) -> None:
    """Put the mark of a mobile number where its country puts it: before or after the area code."""
    roles = {zone.role for zone in notation}
    before_area = Role.COUNTRY in roles and Role.TRUNK not in roles
    before_area = before_area or Zone(Role.MARK, "9") in notation
    mark = tracking.abroad_mark if before_area else tracking.home_mark
    if Role.MARK in roles:
        words[Role.MARK] = mark
    elif before_area:
        words[Role.AREA] = mark + words[Role.AREA]
    else:
        words[Role.SUBSCRIBER] = mark + words[Role.SUBSCRIBER]


def _abroad_with_country_code(notation: Notation, tracking: Anatomy, plus: bool | None) -> _Words:
    words: _Words = {zone.role: zone.digits for zone in notation if zone.role is Role.EXIT}
    sign = "+" if plus is False and not words else ""
    words[Role.COUNTRY] = sign + tracking.country_code
    words[Role.AREA] = tracking.abroad_mark + tracking.area
    words[Role.SUBSCRIBER] = tracking.subscriber
    roles = {zone.role for zone in notation}
    if {Role.TRUNK, Role.AREA} <= roles:
        # +44 (0)20 7946 0018 → +7 (495) 794 60018: the brackets stay, so something goes into them.
        words[Role.TRUNK], words[Role.AREA] = words[Role.AREA], ""
    return words


def _abroad_in_national_notation(
    notation: Notation, tracking: Anatomy, ends: frozenset[int], plus: bool | None, joint: str
) -> _Words:
    code = tracking.country_code if plus else "+" + tracking.country_code
    area = tracking.abroad_mark + tracking.area
    words: _Words = {Role.AREA: area, Role.SUBSCRIBER: tracking.subscriber}
    roles = [zone.role for zone in notation]
    if Role.PLACE in roles:
        words[Role.PLACE] = _joined(joint, code, area) + joint
    elif Role.TRUNK in roles:
        end = len(digits_of(notation[: roles.index(Role.TRUNK) + 1]))
        words[Role.TRUNK] = code if end in ends else code + joint
    else:
        words[Role.AREA] = _joined(joint, code, area)
    return words


def _joined(joint: str, *parts: str) -> str:
    return joint.join(filter(None, parts))
