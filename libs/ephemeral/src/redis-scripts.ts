import { createHash } from 'node:crypto';

/** What Redis runs at once, uninterrupted, on one key; known to it by its SHA-1, and given again when it forgot (a restart, SCRIPT FLUSH). */
export interface RedisScript {
  lua: string;
  sha1: string;
}

const script = (lua: string): RedisScript => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });

/**
 * Adds ARGV[1] to a counter; one that is not there begins at 0 and ends after ARGV[2] milliseconds. Answers {value, milliseconds left}.
 * Every error that it raises leaves the key as it was: it begins with the one command that may refuse.
 */
export const INCREMENT = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then
  return {redis.call('INCRBY', KEYS[1], ARGV[1]), redis.call('PTTL', KEYS[1])}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {tonumber(ARGV[1]), tonumber(ARGV[2])}
`);

/**
 * Adds ARGV[3…] to a set that then ends after ARGV[1] milliseconds. Answers 0 and changes nothing when it would have more than ARGV[2] members.
 * SADD goes in pieces because Lua's stack holds some thousand arguments.
 */
export const SET_ADD = script(`
local held, limit = redis.call('SCARD', KEYS[1]), tonumber(ARGV[2])
if held + #ARGV - 2 > limit then
  local added, seen = 0, {}
  for i = 3, #ARGV do
    if not seen[ARGV[i]] and redis.call('SISMEMBER', KEYS[1], ARGV[i]) == 0 then added = added + 1 end
    seen[ARGV[i]] = true
  end
  if held + added > limit then return 0 end
end
for i = 3, #ARGV, 1000 do
  redis.call('SADD', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);
