import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@bourse/testing';
import { ChaosPostgres } from './postgres.ts';
import type { Ground } from './world.ts';

// What runs beside us is ended by handlers of `exit`, which a signal alone does not call.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130));

/** Starts the server and runs the work; with `keeps`, the logs of a run that failed stay where the answer says. */
export async function onGround<Result>(
  work: (ground: Ground) => Promise<Result>,
  keeps: (result: Result) => boolean,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'bourse-chaos-'));
  // PostgreSQL may have to run as another user.
  chmodSync(directory, 0o755);
  const postgres = await ChaosPostgres.start(directory, await freePort());
  let isKept = true;
  try {
    const result = await work({ postgres, directory });
    isKept = keeps(result);
    return result;
  } finally {
    await postgres.stop();
    if (isKept) console.error(`The logs are in ${directory}.`);
    else rmSync(directory, { recursive: true, force: true });
  }
}
