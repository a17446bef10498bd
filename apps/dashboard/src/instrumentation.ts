import { env } from './env.ts';

/**
 * Runs once when the server starts: a bad environment stops it here, with every problem listed. Next itself would go on and answer every
 * page with an error, but a site that lacks its secrets must not be up at all, and whoever started it must see that it is not.
 */
export function register(): void {
  try {
    env();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    globalThis.process.exit(1);
  }
}
