import type { Action } from '@bourse/access';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { authenticate, type Caller } from '../generate/authenticate.ts';

/** The caller of a route that is not inference. Throws as `authenticate` does. */
export function callerOf(context: Context<AppEnv>, action: Action, deps: Deps): Promise<Caller> {
  return authenticate((name) => context.req.header(name) ?? null, action, deps);
}
