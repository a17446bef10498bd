import { priceLinesFor, type UsageEstimate } from '@bourse/billing';
import { isJsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import type { Deps } from '../deps.ts';
import type { Ending } from './ticket.ts';

/** Where the operations' texts are: what is embedded, asked and ranked, painted, or spoken. */
const TEXT_FIELDS = ['input', 'query', 'documents', 'prompt'];

/** The texts of a value, and how many of its entries are tokens already. */
function read(value: JsonValue | undefined, found: { readonly texts: string[]; tokens: number }): void {
  if (typeof value === 'string') found.texts.push(value);
  else if (typeof value === 'number') found.tokens += 1;
  else if (Array.isArray(value)) for (const entry of value) read(entry, found);
  else if (isJsonObject(value)) read(value['text'], found);
}

/**
 * Our own count of an operation whose provider reported none: its units as they were asked for or as they are in the answer, where the
 * model is sold by one of them; else the tokens of its texts and of the text that was made.
 */
export async function estimateOperation(
  { source: { body }, ownCount }: Prompt,
  { candidate, metered }: Pick<Ending, 'candidate' | 'metered'>,
  deps: Pick<Deps, 'countTokens'>,
): Promise<UsageEstimate> {
  const units = { ...ownCount?.units, ...metered?.counted };
  const isSoldByUnit = priceLinesFor(candidate.endpoint.prices, { ...units, request: 0 }).length > 0;
  if (isSoldByUnit) return { usage: units, method: ownCount?.method ?? 'answer' };
  const counter = await deps.countTokens();
  const found = { texts: [], tokens: 0 };
  for (const field of TEXT_FIELDS) read(body[field], found);
  const input = found.tokens + (await counter.count(found.texts));
  const output = await counter.count([metered?.output.text ?? '']);
  return { usage: { ...units, input, ...(output > 0 ? { output } : {}) }, method: counter.method };
}
