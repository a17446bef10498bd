import { createHash } from 'node:crypto';

/** A Lua script by its text and the name under which Redis keeps it. */
export interface Script {
  readonly lua: string;
  /** Lower-case SHA-1 of the text: what EVALSHA takes. */
  readonly sha1: string;
}

/** Names a script once, so that each call sends forty characters of it. Its keys must be passed as keys, all of one hash slot. */
export function defineScript(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
