import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BYTES = 8 * 1024 * 1024;

/** A disk that can be filled up. */
export interface SmallDisk {
  readonly root: string;
  /** What it is: a real one, where this machine lets us mount it, else a directory in which nothing can be made any more. */
  readonly kind: 'tmpfs' | 'directory';
  /** From now on nothing new fits; files that have their room keep it. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

async function fillWith(path: string): Promise<void> {
  const file = await open(path, 'w');
  // Down to the last page: large pieces first, then small ones.
  for (let size = 1024 * 1024; size >= 4_096; ) {
    const isTaken = await file.write(Buffer.alloc(size)).then(
      ({ bytesWritten }) => bytesWritten === size,
      () => false,
    );
    if (!isTaken) size /= 2;
  }
  await file.close();
}

async function tmpfs(root: string): Promise<SmallDisk | null> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'tmpfs', root]);
  } catch {
    return null; // not allowed here
  }
  return {
    root,
    kind: 'tmpfs',
    fill: () => fillWith(join(root, 'filler')),
    free: () => rm(join(root, 'filler')),
    async remove() {
      await run('umount', ['-l', root]);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Opened files go on when their directory is elsewhere, and none can be made where it was: that is what a full disk does. */
function directory(root: string): SmallDisk {
  const away = `${root}-away`;
  const move = async (from: string, to: string): Promise<void> => {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) await rename(join(from, name), join(to, name));
  };
  return {
    root,
    kind: 'directory',
    fill: () => move(root, away),
    free: () => move(away, root),
    async remove() {
      await rm(root, { recursive: true, force: true });
      await rm(away, { recursive: true, force: true });
    },
  };
}

/** A disk of eight megabytes. */
export async function mountSmallDisk(): Promise<SmallDisk> {
  const root = await mkdtemp(join(tmpdir(), 'bourse-disk-'));
  return (await tmpfs(root)) ?? directory(root);
}
