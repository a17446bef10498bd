import 'server-only';
import { hourlyRule, type RateLimitSource, rateLimitError } from '@bourse/access';
import { currentTime } from '../clock.ts';
import { database } from './database.ts';

/** Something that may be done so many times an hour, and who does it. */
export type HourlyDeed = {
  source: Extract<RateLimitSource, 'key_creation' | 'checkout' | 'sign_in'>;
  /** An organization's id, or the name of an address. */
  whose: string;
  /** 0 = as often as one likes. */
  perHour: number;
};

const US_PER_MS = 1_000;

/** Counts a deed, over all dashboards and gateways. Throws `rate_limited` with a sentence for people when it was done too often. */
export async function countDeed({ source, whose, perHour }: HourlyDeed): Promise<void> {
  const rule = hourlyRule(perHour);
  if (rule === null) return;
  const waitMs = (await database().limits.take(`${source}:${whose}`, rule)) / US_PER_MS;
  if (waitMs === 0) return;
  // People do not come back all at once, so nothing is drawn for them.
  throw rateLimitError({ source, limit: perHour, waitMs, resetsAtMs: currentTime().getTime() + waitMs, draw: 0 });
}
