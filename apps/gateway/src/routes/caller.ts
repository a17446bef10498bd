import type { Action } from '@bourse/access';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { authenticate, type Caller, type Presenter } from '../generate/authenticate.ts';

/** Who asks, on a route that is not inference. */
export function presenterOf({ req, env }: Context<AppEnv>, { admission }: Pick<Deps, 'admission'>): Presenter {
  return { header: (name) => req.header(name) ?? null, address: admission.addressOf(env.incoming) };
}

/** The caller of a route that is not inference; what this gateway charged it before is in the books then. Throws as `authenticate` does. */
export async function callerOf(context: Context<AppEnv>, action: Action, deps: Deps): Promise<Caller> {
  const caller = await authenticate(presenterOf(context, deps), action, deps);
  const { organizationId } = caller.key;
  await Promise.all([deps.books.settled(organizationId), deps.peers.settled(organizationId)]);
  return caller;
}
