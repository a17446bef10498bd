import { defineScript } from '@bourse/redis';

/**
 * All that one request takes of the limits that gateways have together, or nothing. KEYS: the rates (key, organization, tokens, free), the
 * requests that run, the free requests of the day. ARGV: for each rate interval, burst and cost (0 = not asked); how many may run (0 = any
 * number), the name of this one and how long it counts unless it is renewed; how many free requests a day has (0 = not asked), how many the
 * asker knows of, and how long the count is kept (milliseconds). The rates are those of packages/access/src/rate-rule.ts, by the server's clock.
 * Answers who refused (1-6, 0 = nobody), the wait in microseconds, and what remains of the first two rates (-1 = not asked).
 */
export const takeLimits = defineScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local nowMs = math.floor(now / 1000)
local text = function(number) return string.format('%.0f', number) end
local function remember(key, tat)
  redis.call('SET', key, text(tat), 'PX', text(math.ceil((tat - now) / 1000) + 1))
end
local tats = {}
local left = { -1, -1, -1, -1 }
for rate = 1, 4 do
  local interval, burst, cost = tonumber(ARGV[rate * 3 - 2]), tonumber(ARGV[rate * 3 - 1]), tonumber(ARGV[rate * 3])
  if cost > 0 then
    local tolerance = interval * burst
    local known = tonumber(redis.call('GET', KEYS[rate]) or '0')
    local counted = math.min(math.max(known, now), now + tolerance)
    local tat = counted + interval * math.min(cost, burst)
    if tat - now > tolerance then
      if counted < known then remember(KEYS[rate], counted) end
      return { rate, text(tat - now - tolerance), -1, -1 }
    end
    tats[rate] = tat
    left[rate] = math.floor((tolerance - (tat - now)) / interval)
  end
end
local streams, day = tonumber(ARGV[13]), tonumber(ARGV[16])
if streams > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', text(nowMs))
  if redis.call('ZCARD', KEYS[5]) >= streams then return { 5, '1000000', -1, -1 } end
end
local used = 0
if day > 0 then
  used = math.max(tonumber(redis.call('GET', KEYS[6]) or '0'), tonumber(ARGV[17]))
  if used >= day then return { 6, '0', -1, -1 } end
end
for rate = 1, 4 do
  if tats[rate] then remember(KEYS[rate], tats[rate]) end
end
if streams > 0 then
  redis.call('ZADD', KEYS[5], text(nowMs + tonumber(ARGV[15])), ARGV[14])
  redis.call('PEXPIRE', KEYS[5], ARGV[15])
end
if day > 0 then redis.call('SET', KEYS[6], used + 1, 'PX', ARGV[18]) end
return { 0, '0', left[1], left[2] }
`);

/** Gives units of a rate back, or takes them without asking where they are negative. KEYS: the rate. ARGV: interval, burst, units. */
export const giveBackLimit = defineScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local tolerance = tonumber(ARGV[1]) * tonumber(ARGV[2])
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
local counted = math.min(math.max(known, now), now + tolerance)
local tat = math.min(math.max(counted - tonumber(ARGV[1]) * tonumber(ARGV[3]), now), now + tolerance)
if tat > now then
  redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', string.format('%.0f', math.ceil((tat - now) / 1000) + 1))
else
  redis.call('DEL', KEYS[1])
end
return 0
`);

/** Says that requests still run. KEYS: those of an organization. ARGV: how long they count from now on, then their names. */
export const renewStreams = defineScript(`
local time = redis.call('TIME')
local untilMs = string.format('%.0f', tonumber(time[1]) * 1000 + tonumber(ARGV[1]))
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', untilMs, ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0
`);

/** Says that a gateway is there, and answers how many are. KEYS: the gateways. ARGV: its name, and for how long that is true. */
export const countGateways = defineScript(`
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', nowMs))
redis.call('ZADD', KEYS[1], string.format('%.0f', nowMs + tonumber(ARGV[2])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`);
