"""
What Redis does by itself, in Lua: each script is one step that nobody sees half of.

Decisions stay in ``callgraft.tracking``; here is only what must not be torn apart. Every script but
those of the loading begins with the guard: a Redis that was emptied, restarted from what it had on
disk, or replaced by its replica has another memory than the one that was filled, and must say so.
All keys of a site share one hash slot, so the scripts run on Redis Cluster as they are.
"""

from __future__ import annotations

from hashlib import sha1

CLAIMED_FOR = 3
"""Seconds until a number that a transaction took in view is anybody's again: it crashed."""

RUN = "local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')\n"
GUARD = RUN + "if redis.call('GET', KEYS[1]) ~= run then return redis.error_reply('COLD') end\n"
OF = """
local function of(key, first)
    return redis.call('ZRANGEBYLEX', key, '[' .. first .. '\\31', '(' .. first .. ' ')
end
local function ids(members)
    local found = {}
    for i, member in ipairs(members) do found[i] = string.match(member, '[^\\31]+$') end
    return found
end
local function leases(key, wanted)
    if #wanted == 0 then return {} end
    return redis.call('HMGET', key, unpack(wanted))
end
"""
_DO = """
local function do_all(told)
    for _, step in ipairs(cjson.decode(told)) do redis.call(unpack(step)) end
end
"""


class Script:
    """A script and the name that Redis knows it by."""

    def __init__(self, *parts: str) -> None:
        self.text = "".join(parts)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


# KEYS epoch, places, leases. ARGV session.
OPEN = Script(GUARD, OF, "return leases(KEYS[3], ids(of(KEYS[2], ARGV[1])))")

# KEYS epoch, on, leases. ARGV number.
ON_NUMBER = Script(GUARD, OF, "return leases(KEYS[3], ids(of(KEYS[2], ARGV[1])))")

# KEYS epoch, leases. ARGV ids.
BY_ID = Script(GUARD, OF, "return leases(KEYS[2], ARGV)")

# Takes a number in view: the one that is idle longest, or the one that is asked for. Where somebody
# crashed with a number in view, nobody here knows what SQL has of it: the site is loaded.
# KEYS epoch, free numbers of the pool, claims, numbers. ARGV since, beyond, token, number or "",
# pool. Returns nothing, or the member of the free ones, its score, and the claim.
CLAIM = Script(
    GUARD,
    f"""
local now = redis.call('TIME')[1]
if redis.call('ZCOUNT', KEYS[3], '-inf', now) > 0 then
    redis.call('SET', KEYS[1], 'stale ' .. run)
    return redis.error_reply('COLD')
end
local found = {{}}
if ARGV[4] ~= '' then
    local pool, position = string.match(
        redis.call('HGET', KEYS[4], ARGV[4]) or '', '^(.*)\\31(%d+)$')
    if pool ~= ARGV[5] then return {{}} end
    local member = position .. ' ' .. ARGV[4]
    local since = redis.call('ZSCORE', KEYS[2], member)
    local moment = tonumber(since or 0)
    if since and (moment <= tonumber(ARGV[1]) or moment > tonumber(ARGV[2])) then
        found = {{member, since}}
    end
else
    found = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, 1)
    if #found == 0 then
        found = redis.call(
            'ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    end
end
if #found == 0 then return {{}} end
local claim = cjson.encode({{KEYS[2], found[2], found[1], ARGV[3]}})
redis.call('ZREM', KEYS[2], found[1])
redis.call('ZADD', KEYS[3], now + {CLAIMED_FOR}, claim)
return {{found[1], found[2], claim}}
""",
)

# Whether a visitor had a number. KEYS epoch, had. ARGV visitor, pool and target.
HAD = Script(GUARD, "return redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0")

# KEYS epoch, numbers. ARGV number. Returns its pool and position, or nothing.
PLACE = Script(GUARD, "return redis.call('HGET', KEYS[2], ARGV[1])")

# KEYS epoch, leases in order of their holds' ends, on, leases. ARGV since, beyond.
# Returns nothing, or the id of the first and all leases on its number.
EXPIRED = Script(
    GUARD,
    OF,
    """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, 1)
if #found == 0 then
    found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf', 'LIMIT', 0, 1)
end
if #found == 0 then return {} end
local number, id = string.match(found[1], '^(.*)\\31(.*)$')
return {id, unpack(leases(KEYS[4], ids(of(KEYS[3], number))))}
""",
)

# KEYS epoch, free numbers of the pool, two lists of leases by their holds' ends. ARGV since, limit.
# Returns the first of each, with the moment.
CANDIDATES = Script(
    GUARD,
    """
local found = {}
for i = 2, 4 do
    found[i - 1] = redis.call(
        'ZRANGEBYSCORE', KEYS[i], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
end
return found
""",
)

# KEYS epoch, leases in order of their holds' ends, on, leases. ARGV limit.
SILENT = Script(
    GUARD,
    OF,
    """
local wanted, seen = {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, ARGV[1] - 1)) do
    local number = string.match(member, '^(.*)\\31')
    if not seen[number] then
        seen[number] = true
        for _, id in ipairs(ids(of(KEYS[3], number))) do wanted[#wanted + 1] = id end
    end
end
return leases(KEYS[4], wanted)
""",
)

# KEYS epoch, networks. ARGV pairs of first and last. Returns how many lie between each.
COUNT = Script(
    GUARD,
    """
local counts = {}
for i = 1, #ARGV, 2 do
    counts[#counts + 1] = redis.call('ZLEXCOUNT', KEYS[2], '(' .. ARGV[i], '[' .. ARGV[i + 1])
end
return counts
""",
)

# KEYS epoch, two lists of leases by their holds' ends. Returns both with their ends.
ENDS = Script(
    GUARD,
    """
return {redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'),
        redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')}
""",
)

# Compares, and does everything or nothing.
# KEYS epoch and whatever is touched. ARGV checks, steps, claims that the transaction makes.
# Returns 0, or which check failed.
CHANGE = Script(
    GUARD,
    _DO,
    f"""
for i, check in ipairs(cjson.decode(ARGV[1])) do
    local kind, key, what, wanted = unpack(check)
    local found
    if kind == 'is' then found = redis.call('HGET', key, what) or ''
    elseif kind == 'has' then found = redis.call('ZSCORE', key, what) and 1 or 0
    else found = redis.call('ZLEXCOUNT', key, '[' .. what .. '\\31', '(' .. what .. ' ') end
    if found ~= wanted then return i end
end
do_all(ARGV[2])
for _, claim in ipairs(cjson.decode(ARGV[3])) do
    redis.call('ZADD', claim[1], redis.call('TIME')[1] + {CLAIMED_FOR}, claim[2])
end
return 0
""",
)

# Numbers that were taken in view and not leased are anybody's again.
# KEYS epoch, claims. ARGV claims.
GIVE_BACK = Script(
    GUARD,
    """
for _, told in ipairs(ARGV) do
    if redis.call('ZREM', KEYS[2], told) == 1 then
        local free, since, member = unpack(cjson.decode(told))
        redis.call('ZADD', free, since, member)
    end
end
""",
)

# SQL knows of leases by now. KEYS epoch, leases. ARGV a list of id, as it was, as it is.
MAKE_SURE = Script(
    GUARD,
    """
for _, lease in ipairs(cjson.decode(ARGV[1])) do
    if redis.call('HGET', KEYS[2], lease[1]) == lease[2] then
        redis.call('HSET', KEYS[2], lease[1], lease[3])
    end
end
""",
)

# What Redis knows of a site is true no more: it has to be loaded. KEYS epoch.
FORGET = Script(
    RUN,
    "if redis.call('GET', KEYS[1]) == run then redis.call('SET', KEYS[1], 'stale ' .. run) end",
)

# Whether a site need not be loaded. KEYS epoch.
IS_KNOWN = Script(RUN, "return redis.call('GET', KEYS[1]) == run and 1 or 0")

# Empties a site. KEYS epoch, memory, journal, had, leases, the list of lists, and all the others.
# ARGV token, "1" where nobody can have been given a number yet, milliseconds to gather.
# Returns how long to wait before trying again, and the leases that were there, where they are this
# very Redis's own. A Redis that lost its memory may have lost leases that SQL was not told of yet:
# the processes that gave those numbers away tell it meanwhile.
BEGIN = Script(
    RUN,
    """
local was, kept, time = redis.call('GET', KEYS[1]), {}, redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is_own = was and string.sub(was, -#run) == run
local gathers = is_own and string.match(was, '^gathering (%d+)')
if gathers then
    if now < tonumber(gathers) then return {tonumber(gathers) - now, kept} end
    is_own = false
elseif not is_own and ARGV[2] ~= '1' then
    redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
    redis.call('SET', KEYS[1], 'gathering ' .. string.format('%.0f', now + ARGV[3]) .. ' ' .. run)
    return {tonumber(ARGV[3]), kept}
end
if is_own then
    kept = redis.call('HVALS', KEYS[5])
else
    redis.call('UNLINK', KEYS[3], KEYS[4])
    redis.call('SET', KEYS[2], ARGV[1])
end
for _, key in ipairs(redis.call('SMEMBERS', KEYS[6])) do redis.call('UNLINK', key) end
for i = 5, #KEYS do redis.call('UNLINK', KEYS[i]) end
redis.call('SET', KEYS[1], 'loading ' .. ARGV[1] .. ' ' .. run)
return {0, kept}
""",
)
_LOADING = RUN + "if redis.call('GET', KEYS[1]) ~= 'loading ' .. ARGV[1] .. ' ' .. run then\n"

# One part of a site. KEYS epoch and whatever is touched. ARGV token, steps.
LOAD = Script(_LOADING, "return 0 end", _DO, "do_all(ARGV[2]) return 1")

# The site is whole. KEYS epoch. ARGV token.
FINISH = Script(_LOADING, "return 0 end redis.call('SET', KEYS[1], run) return 1")
