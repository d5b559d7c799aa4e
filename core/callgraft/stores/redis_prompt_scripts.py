"""
The one step in which Redis gives a page its numbers, and the journal of what it gave.

What it may decide by itself is what needs no thought: a lease that the session has is renewed as
``callgraft.tracking.holds.renewed`` says, and a visitor who never had a number gets the one that
costs least, or is idle longest. Everything else it leaves to a transaction. The journal, a stream,
holds what SQL has to be told; it is written in the same step, so no number is given away without
it.
"""

from __future__ import annotations

from callgraft.stores.redis_scripts import GUARD, OF, Script

# KEYS epoch, memory, leases, places, on, networks, had, journal; for each wanted number those free,
# and the provisional and the held leases by the ends of their holds.
# ARGV the moment, one from which a sight of a lease is wrong, the page view, whether it is a visit;
# for each wanted number what ``redis_prompt`` puts together.
# Returns the memory's name and that of the entry in the journal; for each wanted number nothing and
# "ask", or its lease and what was done: "kept" in Redis alone, "told" to the journal, "new".
AT_ONCE = Script(
    GUARD,
    OF,
    """
local at, wrong_from, view, is_visit = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local answer, journal = {redis.call('GET', KEYS[2]) or '', ''}, {}
local function later(known, told)
    if tonumber(known) < tonumber(told) then return told end
    return known
end
local function by_network(network, state, till, id)
    return table.concat({network, state, string.format('%020.0f', till), id}, '\\31')
end
local function keep(id, lease, network, rest)
    local raw = table.concat({table.concat(lease, ' '), network, rest}, '\\n')
    redis.call('HSET', KEYS[3], id, raw)
    return raw
end
local function renewed(id, wanted, ending)
    local raw = redis.call('HGET', KEYS[3], id)
    local head, network, rest = string.match(raw or '', '^([^\\n]*)\\n([^\\n]*)\\n(.*)$')
    if not head then return end
    local was = {}
    for word in string.gmatch(head, '[^ ]+') do was[#was + 1] = word end
    local state, seen, held, hold, told, word, number = unpack(was)
    if word == '0' or tonumber(seen) > wrong_from then return end
    local now = {unpack(was)}
    if wanted.state == 'held' then now[1] = 'held' end
    now[2] = later(seen, at)
    now[3] = later(held, now[1] == 'held' and wanted.held_until or wanted.provisional_until)
    now[4] = wanted.hold
    local behind = tonumber(now[3]) - tonumber(told)
    local is_told = now[1] ~= state or now[4] ~= hold or behind < 0
        or behind > tonumber(wanted.behind)
    if is_told then now[5] = now[3] end
    if now[1] ~= state then redis.call('ZREM', ending[state], number .. '\\31' .. id) end
    if now[1] ~= state or now[3] ~= held then
        redis.call('ZADD', ending[now[1]], now[3], number .. '\\31' .. id)
        redis.call('ZREM', KEYS[6], by_network(network, state, held, id))
        redis.call('ZADD', KEYS[6], 0, by_network(network, now[1], now[3], id))
    end
    return keep(id, now, network, rest), is_told and 'told' or 'kept'
end
local function has_enough(wanted)
    local limit, all = tonumber(wanted.limit), 0
    if limit == 0 then return false end
    local provisional = redis.call(
        'ZLEXCOUNT', KEYS[6], '(' .. wanted.provisional_from, '[' .. wanted.provisional_to)
    all = provisional + redis.call(
        'ZLEXCOUNT', KEYS[6], '(' .. wanted.held_from, '[' .. wanted.held_to)
    return all >= tonumber(wanted.limit_of_all)
        or (wanted.state == 'provisional' and provisional >= limit)
end
local function taken(wanted, free, ending)
    if wanted.had == '' or redis.call('ZSCORE', KEYS[7], wanted.had) then return end
    if has_enough(wanted) then return end
    local limit = wanted.costs == '' and 1 or 128
    local members = redis.call('ZRANGEBYSCORE', free, '-inf', wanted.since, 'LIMIT', 0, limit)
    local costs, least, position, number, member = {}, nil, nil, nil, nil
    for number, cost in string.gmatch(wanted.costs, ' (%S+) (%S+)') do
        costs[number] = tonumber(cost)
    end
    for _, each in ipairs(members) do
        local at, of_it = string.match(each, '^(%d+) (.*)$')
        local cost = costs[of_it] or 0
        if not least or cost < least then
            least, position, number, member = cost, at, of_it, each
        end
    end
    if not member then return end
    if #of(KEYS[5], number) > 0 then return end
    local id, state = wanted.id, wanted.state
    local till = state == 'held' and wanted.held_until or wanted.provisional_until
    redis.call('ZREM', free, member)
    redis.call('ZADD', ending[state], till, number .. '\\31' .. id)
    redis.call('ZADD', KEYS[4], 0, wanted.place .. '\\31' .. id)
    redis.call('ZADD', KEYS[5], 0, number .. '\\31' .. id)
    redis.call('ZADD', KEYS[6], 0, by_network(wanted.network, state, till, id))
    redis.call('ZADD', KEYS[7], at, wanted.had)
    local lease = {state, at, till, wanted.hold, till, '2', number, tostring(tonumber(position))}
    return keep(id, lease, wanted.network, wanted.rest), 'new', #members
end
local names = {'place', 'state', 'held_until', 'provisional_until', 'hold', 'behind', 'since',
    'limit', 'limit_of_all', 'provisional_from', 'provisional_to', 'held_from', 'held_to', 'had',
    'id', 'network', 'rest', 'costs'}
for i = 1, (#KEYS - 8) / 3 do
    local wanted, ending = {}, {}
    for j, name in ipairs(names) do wanted[name] = ARGV[4 + (i - 1) * #names + j] end
    local first = 8 + (i - 1) * 3
    ending.provisional, ending.held = KEYS[first + 2], KEYS[first + 3]
    local there, lease, done, among = ids(of(KEYS[4], wanted.place)), nil, nil, nil
    if #there == 1 then lease, done = renewed(there[1], wanted, ending)
    elseif #there == 0 then lease, done, among = taken(wanted, KEYS[first + 1], ending) end
    answer[#answer + 1] = lease or ''
    answer[#answer + 1] = done or 'ask'
    answer[#answer + 1] = among or 0
    if done == 'new' or done == 'told' then
        journal[#journal + 1] = done
        journal[#journal + 1] = lease
    end
    if lease and is_visit == '1' then is_visit = 'yes' end
end
if #journal > 0 or is_visit == 'yes' then
    answer[2] = redis.call('XADD', KEYS[8], '*', 'view', view, unpack(journal))
end
return answer
""",
)

# What SQL was not told yet. KEYS epoch, memory, journal. ARGV where to begin, how many.
# Returns the memory's name and the entries.
WAITING = Script(
    """
local found = redis.call('XRANGE', KEYS[3], ARGV[1], '+', 'COUNT', ARGV[2])
return {redis.call('GET', KEYS[2]) or '', found}
"""
)

# Whose turn it is to tell SQL. KEYS epoch, memory, journal, turn. ARGV milliseconds of a turn.
# Returns the memory's name, the oldest entry or nothing, and whether it is the asker's.
TURN = Script(
    """
local oldest = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)[1]
local is_mine = oldest and redis.call('SET', KEYS[4], '1', 'NX', 'PX', ARGV[1])
return {redis.call('GET', KEYS[2]) or '', oldest and oldest[1] or '', is_mine and 1 or 0}
"""
)

# How many milliseconds the oldest entry waits. KEYS epoch, journal.
LAG = Script(
    """
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
if not oldest then return 0 end
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(string.match(oldest[1], '^%d+'))
"""
)

# SQL was told. KEYS epoch, leases, journal, had. ARGV how many leases, their ids, the entries' ids.
TOLD = Script(
    """
local leases = tonumber(ARGV[1])
for i = 2, leases + 1 do
    local raw = redis.call('HGET', KEYS[2], ARGV[i])
    if raw then
        local sure, many = string.gsub(raw, '^(%a+ %d+ %d+ %d+ %d+) 2 ', '%1 1 ')
        if many == 1 then redis.call('HSET', KEYS[2], ARGV[i], sure) end
    end
end
for i = leases + 2, #ARGV do redis.call('XDEL', KEYS[3], ARGV[i]) end
redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -100001)
"""
)
