import type { SimulatedMarket } from './market.ts';
import type { PolicyName } from './policies.ts';
import type { PolicyResult } from './simulate.ts';

const titles: Readonly<Record<PolicyName, string>> = {
  default: 'default',
  price: '`sort: "price"`',
  latency: '`sort: "latency"`',
  'round-robin': 'round robin',
};

function percent(part: number, whole: number, digits: number): string {
  return `${((100 * part) / whole).toFixed(digits)} %`;
}

function milliseconds(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function resultRow(result: PolicyResult): string {
  const { requests, attempts, answered, rescued, firstTokenMs } = result;
  return row([
    titles[result.policy],
    percent(result.inTime, requests, 3),
    percent(answered, requests, 3),
    percent(result.refused, requests, 3),
    percent(result.cut, requests, 3),
    percent(rescued, requests, 2),
    percent(result.attemptsIntoOutages, attempts, 2),
    milliseconds(firstTokenMs.p50),
    milliseconds(firstTokenMs.p99),
    `$${result.usdPerThousand.toFixed(2)}`,
  ]);
}

const resultHead = [
  'policy',
  'in time',
  'whole answers',
  'nobody answered',
  'broke off',
  'answered by a fallback',
  'calls into outages',
  'first token, p50',
  'p99',
  'a thousand answers',
];

/** Hours that an endpoint is out, as a share of all. */
function outShare({ outages }: { readonly outages: readonly { fromMs: number; toMs: number }[] }, durationMs: number) {
  let out = 0;
  for (const { fromMs, toMs } of outages) out += Math.min(toMs, durationMs) - fromMs;
  return percent(out, durationMs, 1);
}

function blended(market: SimulatedMarket, id: string): string {
  const lines = market.endpoints.get(id)?.endpoint.prices.lines ?? [];
  const [input, output] = ['input', 'output'].map((meter) => lines.find((line) => line.meter === meter)?.price ?? 0n);
  // 3,000 tokens in and 1,000 out, the blend that the router compares by, for a million tokens.
  const picodollars = 3n * (input ?? 0n) + (output ?? 0n);
  return `$${(Number(picodollars) / 4 / 1e6).toFixed(2)}`;
}

function shareRows(results: readonly PolicyResult[], market: SimulatedMarket, durationMs: number): string[] {
  return market.models.flatMap(({ slug }) =>
    (market.catalog.endpointsByModel.get(slug) ?? []).map(({ id }) => {
      const simulated = market.endpoints.get(id);
      const about = [`\`${id}\``, blended(market, id), milliseconds(simulated?.latencyMs ?? 0)];
      const shares = results.map((result) => percent(result.answersByEndpoint.get(id) ?? 0, result.answered, 2));
      return row([...about, outShare(simulated ?? { outages: [] }, durationMs), ...shares]);
    }),
  );
}

/** The result in Markdown: one row per policy, then who answered how much. */
export function formatSimulation(
  results: readonly PolicyResult[],
  {
    market,
    seed,
    durationMs,
  }: { readonly market: SimulatedMarket; readonly seed: number; readonly durationMs: number },
): string {
  const requests = results[0]?.requests.toLocaleString('en-US') ?? '0';
  const hours = durationMs / 3_600_000;
  const shareHead = [
    'endpoint',
    'a million tokens',
    'first token',
    'out',
    ...results.map(({ policy }) => titles[policy]),
  ];
  return [
    `${requests} requests in ${hours} virtual hours, ${market.endpoints.size} endpoints, seed ${seed}:`,
    '',
    row(resultHead),
    row(resultHead.map(() => '---')),
    ...results.map(resultRow),
    '',
    'The share of the whole answers that each endpoint gave, with its blended price, its median time to a first token, and the share of the time that it was out:',
    '',
    row(shareHead),
    row(shareHead.map(() => '---')),
    ...shareRows(results, market, durationMs),
  ].join('\n');
}
