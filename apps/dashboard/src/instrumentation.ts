import { env } from './env.ts';

/** Runs once when the server starts: a bad environment stops it here, with every problem listed, before it listens. */
export function register(): void {
  env();
}
