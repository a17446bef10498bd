'use server';

import { z } from 'zod';
import { currentTime } from '../clock.ts';
import { changeKey, createKey, revokeKey } from '../data/keys.ts';
import { action } from './action.ts';
import { dollarLimit, keyName, recordId } from './fields.ts';
import { expiryChanges, expiryDays, expiryPresets, limitResets } from './key-choices.ts';

const limit = { limitUsd: dollarLimit.nullable(), limitReset: z.enum(limitResets).nullable() };

const draft = z.strictObject({
  name: keyName,
  kind: z.enum(['inference', 'management']),
  ...limit,
  expiry: z.enum(expiryPresets),
});

/** Makes a key and answers its text, this once. */
export const createKeyAction = action(draft, 'keys.manage', ({ name, kind, limitUsd, limitReset, expiry }, session) => {
  // Management keys cannot spend, so a limit on one would promise something that nobody checks.
  const spending =
    kind === 'inference' ? { limit: limitUsd, limitReset: limitUsd === null ? null : limitReset } : noLimit;
  return createKey(session, { name, kind, ...spending, expiresAt: expiryAt(expiryDays[expiry]) });
});

/** Renames a key, and sets or takes away its limit and its end. */
export const changeKeyAction = action(
  z.strictObject({ id: recordId, name: keyName, ...limit, expiry: z.enum(expiryChanges) }),
  'keys.manage',
  ({ id, name, limitUsd, limitReset, expiry }, session) =>
    changeKey(session, id, {
      name,
      limit: limitUsd,
      limitReset: limitUsd === null ? null : limitReset,
      ...(expiry === 'keep' ? {} : { expiresAt: expiryAt(expiryDays[expiry]) }),
    }),
);

/** Switches a key off or on again. */
export const switchKeyAction = action(
  z.strictObject({ id: recordId, isDisabled: z.boolean() }),
  'keys.manage',
  ({ id, isDisabled }, session) => changeKey(session, id, { isDisabled }),
);

/** Ends a key for good. */
export const revokeKeyAction = action(z.strictObject({ id: recordId }), 'keys.manage', ({ id }, session) =>
  revokeKey(session, id),
);

const noLimit = { limit: null, limitReset: null };

const DAY_MS = 86_400_000;

function expiryAt(days: number | null): Date | null {
  return days === null ? null : new Date(currentTime().getTime() + days * DAY_MS);
}
