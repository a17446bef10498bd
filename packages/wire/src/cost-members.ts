import { invariant } from '@bourse/errors';
import type { UsageReport } from './wire-format.ts';

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** An amount as a JSON number, digit by digit: it never passes through a float. Throws when it is no decimal. */
export function dollars(text: string): string {
  invariant(DECIMAL.test(text), () => `not a decimal dollar amount: ${text}`);
  return text;
}

/** What the sides of a request are called in `cost_details`. */
export interface SideNames {
  readonly input: 'prompt' | 'input';
  readonly output: 'completions' | 'output';
}

const CHAT_SIDES: SideNames = { input: 'prompt', output: 'completions' };

/** The members that OpenRouter adds to a dialect's usage, as JSON text. `is_estimated` appears only when the provider told us no counts. */
export function costMembers(report: UsageReport, { input, output }: SideNames = CHAT_SIDES): string {
  const { costUsd, upstreamCostUsd, upstreamCostParts, isEstimated } = report;
  const upstream = upstreamCostUsd === null ? 'null' : dollars(upstreamCostUsd);
  // Its clients refuse a usage without numbers for both sides.
  const { inputUsd, outputUsd } = upstreamCostParts ?? { inputUsd: '0', outputUsd: '0' };
  return (
    `"cost":${dollars(costUsd)},"is_byok":false,"cost_details":{"upstream_inference_cost":${upstream},` +
    `"upstream_inference_${input}_cost":${dollars(inputUsd)},"upstream_inference_${output}_cost":${dollars(outputUsd)}}` +
    (isEstimated ? ',"is_estimated":true' : '')
  );
}
