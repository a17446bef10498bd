import 'server-only';
import { refresh } from 'next/cache';
import { unstable_rethrow } from 'next/navigation';
import { currentSession } from '../data/session.ts';
import { log } from '../log.ts';
import { makeAction } from './make-action.ts';

/**
 * Wraps every export of every `actions.ts`: `action(schema, permission, handler)`. The handler gets parsed input and the session, and
 * what it returns reaches the browser as `{ ok: true, value }`; what it throws as `{ ok: false, code, message }`.
 */
export const action = makeAction({
  currentSession,
  refresh,
  rethrowSignals: unstable_rethrow,
  onFailure: (error) => log().error('action_failed', error, { code: error.code }),
});
