import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** User and group to run PostgreSQL as; empty = as ourselves. */
export interface OsUser {
  readonly uid?: number;
  readonly gid?: number;
}

async function lookUp(name: string): Promise<OsUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    return null; // no such user
  }
}

/** PostgreSQL refuses to run as root: then it gets the system user `postgres`, which is created when it does not exist. */
export async function postgresUser(): Promise<OsUser> {
  if (process.getuid?.() !== 0) return {};
  const known = await lookUp('postgres');
  if (known) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (cause) {
    throw new Error(
      'PostgreSQL cannot run as root, and the user "postgres" could not be created. Run as another user.',
      { cause },
    );
  }
  const created = await lookUp('postgres');
  if (!created) throw new Error('The user "postgres" was created but cannot be found.');
  return created;
}
