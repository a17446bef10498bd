import { type Action, authorize } from '@bourse/access';
import { AppError, toAppError } from '@bourse/errors';
import type { z } from 'zod';
import type { Session } from '../data/session.ts';
import type { ActionRefusal, ActionResult } from './action-result.ts';

/** The world of an action. */
export interface ActionDeps {
  readonly currentSession: () => Promise<Session | null>;
  /** Makes the page that called show the new state. */
  readonly refresh: () => void;
  /** Told of failures that are ours; refusals are the caller's business. */
  readonly onFailure: (error: AppError) => void;
  /** Throws the framework's own signals (redirects) on. */
  readonly rethrowSignals: (error: unknown) => void;
}

/** What the browser calls. Its input is whatever anybody posts. */
export type ServerAction<Input, Value> = (input: Input) => Promise<ActionResult<Value>>;

/**
 * Builds `action(schema, permission, handler)`: every server action is a public POST route, so each one goes session, strict parse,
 * permission, deed, fresh page, in this order. The tenant is the session's: no schema has a member for it, and an unknown member is
 * refused by the (strict) schema.
 */
export function makeAction(deps: ActionDeps) {
  return function action<Schema extends z.ZodType, Value>(
    schema: Schema,
    permission: Action,
    handler: (input: z.output<Schema>, session: Session) => Promise<Value>,
  ): ServerAction<z.input<Schema>, Value> {
    return async (input) => {
      try {
        const session = await deps.currentSession();
        if (session === null) throw new AppError('unauthenticated', 'Your session is over. Sign in again.');
        const parsed = schema.safeParse(input);
        if (!parsed.success) return refusalOfInput(parsed.error);
        authorize(session, permission);
        const value = await handler(parsed.data, session);
        deps.refresh();
        return { ok: true, value };
      } catch (error) {
        deps.rethrowSignals(error);
        return refusalOf(toAppError(error), deps);
      }
    };
  };
}

function refusalOfInput(error: z.ZodError): ActionRefusal {
  const [issue] = error.issues;
  const field = issue?.path[0];
  return {
    ok: false,
    code: 'invalid_request',
    message: issue?.message ?? 'The input is not understood.',
    field: typeof field === 'string' ? field : null,
  };
}

function refusalOf(error: AppError, deps: ActionDeps): ActionRefusal {
  if (error.rule.status >= 500) deps.onFailure(error);
  const { field } = error.metadata;
  return { ok: false, code: error.code, message: error.message, field: typeof field === 'string' ? field : null };
}
