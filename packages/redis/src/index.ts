/**
 * @bourse/redis — floor 2. One process' way to Redis: commands and scripts with a deadline and a breaker, and messages to everybody.
 * Refuses: waiting, remembering commands for later, and knowing what the keys mean. Whoever calls has an answer for when there is none.
 */
export { connectRedis, type Redis, type RedisOptions, RedisUnavailable } from './connect-redis.ts';
export { defineScript, type Script } from './script.ts';
export type { Listener } from './subscriptions.ts';
