import type { ErrorCode } from '@bourse/errors';

/** What a server action answers. A refusal is a value, so that forms show it where it belongs. */
export type ActionResult<Value> = { readonly ok: true; readonly value: Value } | ActionRefusal;

/** Why an action did nothing. `field` names the member of the input that is wrong, if one is. */
export type ActionRefusal = {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | null;
};
