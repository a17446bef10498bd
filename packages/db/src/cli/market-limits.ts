import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { OrganizationLimits } from '../contract/limits.ts';
import { openDatabase } from '../open-database.ts';
import { databaseUrl } from './database-url.ts';

// `pnpm market:limits <organization>` shows the limits of an organization, `... <limit>=<number>|default|none ... --reason "..."` changes
// them. Gateways follow at once. docs/OPERATIONS.md says what each bounds.

const names: Readonly<Record<string, keyof OrganizationLimits>> = {
  rpm: 'requestsPerMinute',
  tpm: 'tokensPerMinute',
  streams: 'streams',
  'free-rpm': 'freeRequestsPerMinute',
  'free-rpd': 'freeRequestsPerDay',
};

const USAGE = `Usage: pnpm market:limits <organization>                                        shows its limits
       pnpm market:limits <organization> <limit>=<value> ... --reason "..."    changes them
Limits: ${Object.keys(names).join(', ')}. Values: a number, none (no limit), or default (as everybody).`;

type Changes = Partial<Record<keyof OrganizationLimits, number | null>>;

/** Null for what is no change. */
function changesIn(words: readonly string[]): Changes | null {
  const changes: Changes = {};
  for (const word of words) {
    const [name = '', value = ''] = word.split('=');
    const limit = Object.hasOwn(names, name) ? names[name] : undefined;
    const isNumber = /^[1-9]\d{0,8}$/.test(value);
    if (limit === undefined || !(isNumber || value === 'none' || value === 'default')) return null;
    changes[limit] = value === 'default' ? null : value === 'none' ? 0 : Number(value);
  }
  return changes;
}

function print(limits: OrganizationLimits): void {
  for (const [name, limit] of Object.entries(names)) {
    const value = limits[limit];
    console.log(`${name.padEnd(9)} ${value === null ? 'default' : value === 0 ? 'none' : value}`);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { reason: { type: 'string' }, actor: { type: 'string' } },
  });
  const [organizationId, ...words] = positionals;
  const limits = changesIn(words);
  const isReasoned = words.length === 0 || Boolean(values.reason?.trim());
  if (organizationId === undefined || limits === null || !isReasoned) {
    console.error(USAGE);
    return 2;
  }
  const db = openDatabase({ url: await databaseUrl(), applicationName: 'bourse-market-limits', poolMax: 1 });
  try {
    const actor = values.actor ?? `cli:${userInfo().username}`;
    const now =
      words.length === 0
        ? await db.limits.organization(organizationId)
        : await db.limits.changeOrganization({ organizationId, limits, actor, reason: values.reason ?? '' });
    if (now !== null) print(now);
    else console.error(`There is no organization ${organizationId}.`);
    return now === null ? 1 : 0;
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
