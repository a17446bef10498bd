import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LeaseStore, readCharge, type WrittenCharge } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import { readRecords } from './segment.ts';
import { ownerState, readOwner, type SpoolOwner } from './spool-owner.ts';

/** What adoption needs. */
export interface AdoptionParts {
  /** Holds one directory per gateway process. */
  readonly root: string;
  readonly gatewayId: string;
  readonly leases: LeaseStore;
  readonly log: Logger;
}

/** A gateway on another host counts as dead when the database has not seen it for so long. */
const SILENT_MS = 120_000;
const ADOPTED = /\.adopted-by-([^.]+)$/;

async function spoolFiles(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.wal')).sort();
}

/** The charges of a directory, and how many records are none. What is torn was never acknowledged to anybody. */
async function readSpool(
  directory: string,
  log: Logger,
): Promise<{ charges: readonly WrittenCharge[]; strange: number }> {
  const charges: WrittenCharge[] = [];
  let torn = 0;
  let strange = 0;
  for (const name of await spoolFiles(directory)) {
    const records = readRecords(await readFile(join(directory, name)));
    torn += records.torn;
    for (const text of records.texts) {
      try {
        charges.push(readCharge(text));
      } catch (error) {
        strange += 1;
        log.error('spool.strange_record', error, { directory });
      }
    }
  }
  log.info('spool.read', { directory, charges: charges.length, torn, strange });
  return { charges, strange };
}

/** Settles what a dead process left, frees what it held, removes its directory. False when the books refuse a charge: then it stays. */
async function settleSpool(directory: string, gatewayId: string, { leases, log }: AdoptionParts): Promise<boolean> {
  const { charges, strange } = await readSpool(directory, log);
  let refused = strange;
  for (const [index, outcome] of (await leases.settle(charges)).entries()) {
    if (outcome.kind !== 'failed') continue;
    refused += 1;
    log.error('money.charge_refused', outcome.error, { generationId: charges[index]?.generationId });
  }
  const freed = await leases.bury(gatewayId);
  log.info('spool.adopted', { gatewayId, charges: charges.length, refused, ...freed });
  if (refused > 0) return false;
  await rm(directory, { recursive: true, force: true });
  return true;
}

/** Takes a directory for this process, so that no other one settles it at the same time; null when another was faster. */
async function claimSpool(directory: string, gatewayId: string): Promise<string | null> {
  const claimed = `${directory.replace(ADOPTED, '')}.adopted-by-${gatewayId}`;
  try {
    await rename(directory, claimed);
    return claimed;
  } catch {
    return null;
  }
}

async function isDead(owner: SpoolOwner, parts: AdoptionParts): Promise<boolean> {
  if (owner.gatewayId === parts.gatewayId) return false;
  const state = await ownerState(owner);
  if (state !== 'unknown') return state === 'dead';
  // On shared storage: only the database's clock can say. A record is charged once whoever brings it, so a wrong guess costs no money.
  const living = await parts.leases.living({ gatewayIds: [owner.gatewayId], withinMs: SILENT_MS });
  return !living.has(owner.gatewayId);
}

/** Whether nobody looks after a directory: its owner is dead, or the one who adopted it is. */
async function isLeft(name: string, owner: SpoolOwner, parts: AdoptionParts): Promise<boolean> {
  const adopterId = ADOPTED.exec(name)?.[1];
  if (adopterId === undefined) return isDead(owner, parts);
  if (adopterId === parts.gatewayId) return false;
  const adopter = await readOwner(join(parts.root, adopterId));
  return adopter === null || isDead(adopter, parts);
}

/**
 * Brings the charges of processes that died to the books: at start, and every now and then for neighbours. Settling is idempotent, so a
 * crash in the middle of it is only another beginning. Answers how many directories are done with. Rejects when the database is away.
 */
export async function adoptSpools(parts: AdoptionParts): Promise<number> {
  const names = await readdir(parts.root).catch(() => []);
  let adopted = 0;
  for (const name of names) {
    const directory = join(parts.root, name);
    const owner = await readOwner(directory);
    if (owner === null || !(await isLeft(name, owner, parts))) continue;
    const claimed = await claimSpool(directory, parts.gatewayId);
    if (claimed === null) continue;
    try {
      if (await settleSpool(claimed, owner.gatewayId, parts)) adopted += 1;
    } catch (error) {
      // Only a database that is away: nobody would look at it again as long as we live, so it is left to the next round.
      await rename(claimed, claimed.replace(ADOPTED, ''));
      throw error;
    }
  }
  return adopted;
}
