import { payments } from './data/payments.ts';
import { env } from './env.ts';

/**
 * Runs once when the server starts: a bad environment stops it here, with every problem listed, before it listens. Payments are opened for
 * the same reason: a site whose webhook secret anybody can guess must not come up.
 */
export function register(): void {
  env();
  payments();
}
