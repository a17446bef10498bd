import { z } from 'zod';

/** The longest address that mail servers must accept (RFC 5321). */
const LENGTH_MAX = 254;

const emailAddress = z.email().max(LENGTH_MAX);

/**
 * One e-mail address, lower-case, or null. No list, no display name, no comment, no quotes, ASCII only: sign-in mails go to exactly the
 * mailbox that the database compares with. A list once made a link for the first address travel to the second as well (CVE-2022-35924).
 */
export function parseEmailAddress(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const parsed = emailAddress.safeParse(text.trim().toLowerCase());
  return parsed.success ? parsed.data : null;
}
