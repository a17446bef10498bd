import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A server that runs as it is, and where the libraries lie that came with it. */
export interface RedisBinary {
  readonly path: string;
  /** For the dynamic linker; empty when the system has them. */
  readonly libraries: string;
}

const cache = fileURLToPath(new URL('../../../node_modules/.cache/bourse-redis/', import.meta.url));
const NAMES = ['redis-server', 'valkey-server'];
const DOWNLOAD_TIMEOUT_MS = 120_000;

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function firstOf(folders: readonly string[]): Promise<string | null> {
  for (const folder of folders)
    for (const name of NAMES) if (await exists(join(folder, name))) return join(folder, name);
  return null;
}

/** Every folder below one with a shared library in it. */
async function libraryFolders(root: string): Promise<string> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const folders = files.filter(({ name }) => name.includes('.so')).map(({ parentPath }) => parentPath);
  return [...new Set(folders)].join(':');
}

/** Fetches Debian's or Ubuntu's package and what it needs and the system lacks, and unpacks them in a folder; nothing is installed. */
async function download(place: string): Promise<void> {
  const lists = join(place, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  // Lists of its own: those of a fresh machine are empty or old, and only root may change them.
  const apt = (...args: string[]) =>
    run(
      'apt-get',
      [
        '-o',
        `Dir::State::lists=${lists}`,
        '-o',
        `Dir::Cache=${place}`,
        '-o',
        'Debug::NoLocking=1',
        '-o',
        'APT::Sandbox::User=',
        ...args,
      ],
      {
        cwd: place,
        timeout: DOWNLOAD_TIMEOUT_MS,
        env: { ...process.env, TMPDIR: place, LC_ALL: 'C' },
      },
    );
  await mkdir(join(place, 'archives', 'partial'), { recursive: true });
  await apt('update');
  const { stdout } = await apt('install', '--print-uris', '--yes', '--no-install-recommends', 'redis-server');
  const names = [...stdout.matchAll(/^'[^']+' ([^_\s]+)_\S+\.deb /gm)].map(([, name]) => name ?? '');
  await apt('download', ...names);
  for (const file of await readdir(place))
    if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(place, file), join(place, 'root')]);
}

async function downloaded(): Promise<string> {
  const root = join(cache, 'root');
  if (await exists(root)) return root;
  await mkdir(cache, { recursive: true });
  const place = await mkdtemp(join(cache, 'download-'));
  try {
    await download(place);
    // Another test file may have been faster; one copy is as good as the other.
    await rename(join(place, 'root'), root).catch(async (error: unknown) => {
      if (!(await exists(root))) throw error;
    });
  } catch (cause) {
    throw new Error('There is no redis-server on the PATH, and it could not be had from Debian. Install it.', {
      cause,
    });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  return root;
}

/** The system's Redis (or Valkey), else one from the distribution's packages, which takes some seconds once and is kept beside our own. */
export async function redisBinary(): Promise<RedisBinary> {
  const installed = await firstOf((process.env['PATH'] ?? '').split(delimiter));
  if (installed !== null) return { path: installed, libraries: '' };
  const root = await downloaded();
  const path = await firstOf([join(root, 'usr/bin')]);
  if (path === null) throw new Error(`There is no redis-server below ${root}.`);
  return { path, libraries: await libraryFolders(root) };
}
