import { ledgerCheck } from '@bourse/db';
import type { Random } from '../world/random.ts';
import type { Tenant } from '../world/tenants.ts';
import { until } from '../world/until.ts';
import { type Ground, World, type WorldOptions } from '../world/world.ts';
import { type Asking, askSteadily, type Seen } from './clients.ts';
import { type Providers, startProviders, well } from './providers.ts';

/** A gateway between customers and two providers that can be made to fail. */
export interface Arena {
  readonly providers: Providers;
  /** Asks as a customer without wishes does, or with these. */
  readonly asking: (provider?: Asking['provider']) => Asking;
  /** Asks for some seconds; everything that was seen is evidence. */
  readonly load: (provider: Asking['provider'], seconds: number) => Promise<readonly Seen[]>;
  /** How many breakers of the gateway are not closed. */
  readonly openBreakers: () => Promise<number>;
}

/** Requests a second. */
const PER_SECOND = 40;
/** Both providers that take part; nothing else can answer. */
export const both = { only: ['sandbox-north', 'sandbox-south'] };

async function openBreakers(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = /^bourse_breakers_open\S* (\d+)/m.exec(text)?.[1];
  if (value === undefined) throw new Error('the gateway shows no bourse_breakers_open');
  return Number(value);
}

/** What the books say that differs from what customers were told. */
async function judgeBooks(world: World, seen: readonly Seen[]): Promise<readonly string[]> {
  const rows = await world.sql<{ id: string; charge: string }>(
    'SELECT id, charge_nanodollars AS charge FROM generation',
  );
  const charges = new Map(rows.map(({ id, charge }) => [id, BigInt(charge)]));
  const differences = seen
    .filter(({ isWhole, generationId, told }) => isWhole && charges.get(generationId ?? '') !== told)
    .map(
      ({ generationId, told }) =>
        `price: ${generationId} was told ${told} and is charged ${charges.get(generationId ?? '')}`,
    );
  const checks = await ledgerCheck({ url: world.url, form: 'full' });
  const broken = checks.filter((check) => check.differences > 0);
  const holds = await world.sql<{ id: string }>(`SELECT id FROM hold WHERE state = 'held'`);
  return [
    ...differences,
    ...broken.map(({ name, examples }) => `ledger: ${name} (${examples.join('; ')})`),
    ...holds.map(({ id }) => `open: ${id} is still held`),
  ];
}

/** Opens an arena, does the work in it, closes the gateway, and adds what the books say to what the work found wrong. */
export async function inArena(
  ground: Ground,
  options: WorldOptions & { readonly random: Random },
  work: (arena: Arena) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const world = await World.open(ground, options);
  const providers = await startProviders(options.random);
  try {
    const tenant: Tenant = await world.tenant({ name: 'rich', credits: '10000', keyLimits: [null], isRich: true });
    const place = await world.place('gateway');
    const env = { BOURSE_SANDBOX_URL: providers.url, GATEWAY_TOTAL_TIMEOUT_MS: '80000' };
    const gateway = await world.gateway(place, { env });
    const evidence: Seen[] = [];
    const asking: Arena['asking'] = (provider = both) => ({
      url: place.url,
      key: tenant.keys[0]?.text ?? '',
      provider,
    });
    const arena: Arena = {
      providers,
      asking,
      load: async (provider, seconds) => {
        const seen = await askSteadily(asking(provider), { perSecond: PER_SECOND, seconds });
        evidence.push(...seen);
        return seen;
      },
      openBreakers: () => openBreakers(place.url),
    };
    const differences = await work(arena);
    providers.north.behaviour = well;
    const end = await gateway.stop();
    const exit = end.code === 0 ? [] : [`exit: the gateway ended with ${JSON.stringify(end)}\n${gateway.tail()}`];
    return [...differences, ...exit, ...(await judgeBooks(world, evidence))];
  } finally {
    await providers.close();
    await world.close();
  }
}

/** Resolves when the number of breakers that are not closed is as wanted; answers after how many seconds. */
export async function untilBreakers(
  arena: Arena,
  isWanted: (open: number) => boolean,
  wait: { readonly what: string; readonly ms: number },
): Promise<number> {
  const startedMs = performance.now();
  await until(arena.openBreakers, isWanted, wait);
  return (performance.now() - startedMs) / 1_000;
}
