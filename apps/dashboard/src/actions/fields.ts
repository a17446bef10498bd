import { nanodollarsFromUsd } from '@bourse/money';
import { z } from 'zod';

/** Characters that cannot be seen, or that turn the text around them: names with them would look like other names. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The name of a key: 1 to 100 characters, normalized. The management API has the same rule, so each can save what the other made. */
export const keyName = z
  .string({ error: 'Enter a name.' })
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Enter a name.')
      .max(100, 'Use at most 100 characters.')
      .refine((text) => !INVISIBLE.test(text), 'Invisible characters are not allowed in a name.'),
  );

const DOLLARS = /^\$?(\d{1,3}(?:,\d{3})+|\d{1,7})(\.\d{1,9})?$/;

/** A limit in dollars as people type it ("25", "$1,000.50"), as nanodollars; more than 0, below ten million. */
export const dollarLimit = z
  .string()
  .trim()
  .regex(DOLLARS, 'Enter an amount in dollars, such as 25 or 2.50.')
  .transform((text) => nanodollarsFromUsd(text.replace(/[$,]/g, '')))
  .refine((amount) => amount > 0n, 'Enter an amount above zero.');

/** An opaque id as our own pages send it back. */
export const recordId = z.string().min(1).max(64);
