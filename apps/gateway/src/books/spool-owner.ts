import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const FILE = 'owner.json';

/** Who writes to a spool directory. */
const ownerSchema = z.object({
  gatewayId: z.string().min(1),
  host: z.string(),
  pid: z.number().int().positive(),
  /** Tells this process from a later one with the same number; null where the system does not say. */
  startedAt: z.string().nullable(),
});

/** See the schema. */
export type SpoolOwner = z.infer<typeof ownerSchema>;

/** When a process began, in the kernel's ticks; null when there is no such process, or no /proc. */
async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The second field is the program's name in parentheses and may contain anything; the start is the 20th after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Makes a spool directory and signs it as this process'. */
export async function signSpool(directory: string, gatewayId: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { pid } = process;
  const owner: SpoolOwner = { gatewayId, host: hostname(), pid, startedAt: await startTime(pid) };
  // Whole or not at all, for neighbours who look at it.
  const draft = join(directory, `${FILE}.new`);
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  await rename(draft, join(directory, FILE));
}

/** Null when the directory is not a signed spool. */
export async function readOwner(directory: string): Promise<SpoolOwner | null> {
  const text = await readFile(join(directory, FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What can be said of the owner from here: `unknown` when it is (or was) on another host. */
export async function ownerState(owner: SpoolOwner): Promise<'alive' | 'dead' | 'unknown'> {
  if (owner.host !== hostname()) return 'unknown';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'dead';
  }
  const startedAt = await startTime(owner.pid);
  return owner.startedAt === null || startedAt === null || owner.startedAt === startedAt ? 'alive' : 'dead';
}
