import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { type MarketSwitch, type SwitchName, switchNames } from '../contract/operations.ts';
import { openDatabase } from '../open-database.ts';
import { databaseUrl } from './database-url.ts';

// `pnpm market:switch` lists the kill switches; `pnpm market:switch <name>[:<what>] on|off --reason "..."` turns one. Gateways follow
// within five seconds. docs/OPERATIONS.md says what each does.

const USAGE = `Usage: pnpm market:switch                                      lists the switches
       pnpm market:switch <switch> on|off --reason "..."      turns one
Switches: stop_reserves, force_direct, freeze_organization:<id>, stop_provider:<slug>, stop_endpoint:<id>`;

function named({ name, argument }: Pick<MarketSwitch, 'name' | 'argument'>): string {
  return argument === '' ? name : `${name}:${argument}`;
}

/** `stop_endpoint:maker/model@provider`: an endpoint's id may hold colons itself. */
function parseSwitch(text: string): { readonly name: SwitchName; readonly argument: string } | null {
  const [head = '', ...rest] = text.split(':');
  const name = switchNames.find((each) => each === head);
  return name === undefined ? null : { name, argument: rest.join(':') };
}

function print(switches: readonly MarketSwitch[]): void {
  const isMissing = (name: SwitchName): boolean => !switches.some((each) => each.name === name);
  for (const each of switches) {
    console.log(`${each.isOn ? 'ON ' : 'off'}  ${named(each)}`);
    console.log(`     ${each.changedAt.toISOString()} by ${each.actor}: ${each.reason}`);
  }
  for (const name of switchNames.filter(isMissing)) console.log(`off  ${name} (never turned)`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { reason: { type: 'string' }, actor: { type: 'string' } },
  });
  const [text, position] = positionals;
  const wanted = text === undefined ? null : parseSwitch(text);
  const isTurn = (position === 'on' || position === 'off') && wanted !== null && Boolean(values.reason?.trim());
  if (text !== undefined && !isTurn) {
    console.error(USAGE);
    return 2;
  }
  const db = openDatabase({ url: await databaseUrl(), applicationName: 'bourse-market-switch', poolMax: 1 });
  try {
    if (wanted === null) {
      print(await db.switches.list());
      return 0;
    }
    const result = await db.switches.turn({
      ...wanted,
      isOn: position === 'on',
      reason: values.reason ?? '',
      actor: values.actor ?? `cli:${userInfo().username}`,
    });
    if (result === 'turned') console.log(`${named(wanted)} is ${position}. Gateways follow within five seconds.`);
    else console.error(`There is nothing that ${named(wanted)} could be about.\n${USAGE}`);
    return result === 'turned' ? 0 : 1;
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
