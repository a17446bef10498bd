import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache, registerHooks } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failpoints } from '../failpoints.ts';
import { mutants } from '../mutant-list.ts';
import { replaceOnce, type SourceEdit } from './source-edit.ts';

// Loaded before a program by `node --import`. It edits the sources of the product while they are loaded: the product has no switch that
// could be on in production, and what is not armed runs as it was written. FAILPOINT=name:nth[:action], BOURSE_MUTANT=name.

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What can be done to the process when its failpoint is reached the n-th time. */
type Action = 'kill' | 'stop' | 'postgres';

function postmaster(): number | null {
  const pid = Number.parseInt(readFileSync(`${process.env['CHAOS_PGDATA']}/postmaster.pid`, 'utf8'), 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
}

function strike(action: Action): void {
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return;
    case 'stop':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'postgres': {
      const pid = postmaster();
      if (pid !== null) process.kill(pid, 'SIGKILL');
    }
  }
}

interface Queryable {
  connect(): Promise<{ query(text: string, values?: readonly unknown[]): Promise<unknown> }>;
}

/** What edited sources call, as `globalThis.bourseChaos`. */
class Chaos {
  readonly #nth: number;
  readonly #action: Action;
  #count = 0;

  constructor(nth: number, action: Action) {
    this.#nth = nth;
    this.#action = action;
  }

  /** True once: the n-th time. */
  isDue(): boolean {
    this.#count += 1;
    return this.#count === this.#nth;
  }

  reach(): void {
    if (this.isDue()) strike(this.#action);
  }

  strike(): void {
    strike(this.#action);
  }

  /** Dies with the statement done and its transaction open. */
  async dieInTransaction(pool: Queryable, text: string, values: readonly unknown[]): Promise<void> {
    if (!this.isDue()) return;
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(text, values);
    strike(this.#action);
  }

  /** Throws as a full disk would while the file that CHAOS_DISK_FULL names is there and says so of this kind of work. */
  disk(work: 'allocate' | 'write'): void {
    const flag = process.env['CHAOS_DISK_FULL'];
    if (flag === undefined || !existsSync(flag) || !readFileSync(flag, 'utf8').includes(work)) return;
    throw Object.assign(new Error('ENOSPC: no space left on device (chaos)'), { code: 'ENOSPC' });
  }
}

function isAction(text: string): text is Action {
  return text === 'kill' || text === 'stop' || text === 'postgres';
}

function armedEdits(): readonly SourceEdit[] {
  const [name = '', nth = '1', action = 'kill'] = (process.env['FAILPOINT'] ?? '').split(':');
  const mutantName = process.env['BOURSE_MUTANT'] ?? '';
  const failpoint = failpoints.find((each) => each.name === name);
  const mutant = mutants.find((each) => each.name === mutantName);
  if (name !== '' && failpoint === undefined) throw new Error(`chaos: there is no failpoint ${name}`);
  if (mutantName !== '' && mutant === undefined) throw new Error(`chaos: there is no mutant ${mutantName}`);
  if (!isAction(action)) throw new Error(`chaos: there is no action ${action}`);
  Object.assign(globalThis, { bourseChaos: new Chaos(Number(nth), action) });
  const disk = process.env['CHAOS_DISK_FULL'] === undefined ? [] : diskEdits;
  // A mutant first: a failpoint within a mutated line would not be found, and says so.
  return [...(mutant?.source ?? []), ...(failpoint?.edits ?? []), ...disk];
}

const SEGMENT = 'apps/gateway/src/books/segment.ts';
const diskEdits: readonly SourceEdit[] = [
  {
    file: SEGMENT,
    find: '    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);\n',
    replace:
      '    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);\n    globalThis.bourseChaos.disk("allocate");\n',
  },
  {
    file: SEGMENT,
    find: '  async append(bytes: Buffer): Promise<void> {\n',
    replace: '  async append(bytes: Buffer): Promise<void> {\n    globalThis.bourseChaos.disk("write");\n',
  },
];

const edits = armedEdits();
const pending = new Set(edits);
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:')) return loaded;
    const file = relative(root, fileURLToPath(url));
    const own = edits.filter((edit) => edit.file === file);
    if (own.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    let text =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8'); // the only other kinds are views of bytes
    for (const edit of own) {
      text = replaceOnce(text, edit, file);
      pending.delete(edit);
    }
    return { ...loaded, source: text };
  },
});
// Programs that are killed would never write what they compiled; the next life starts in half the time with it.
setTimeout(flushCompileCache, 1_000).unref();
if (process.env['CHAOS_STRICT'] === '1')
  setTimeout(() => {
    // An edit whose file is never loaded would make a mutant that is none.
    for (const { file } of pending) process.stderr.write(`chaos: ${file} was not loaded\n`);
    if (pending.size > 0) process.exit(70);
  }, 2_500).unref();
