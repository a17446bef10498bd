import { nanodollarsFromUsd } from '@bourse/money';
import type { InvoiceLine } from '../contract/operations.ts';

/** What the columns are called, in this order. */
const HEADER = 'day,provider,model,cost_usd';

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function lineOf(text: string): InvoiceLine {
  const [day = '', providerSlug = '', modelSlug = '', usd = '', ...rest] = text.split(',').map((cell) => cell.trim());
  if (rest.length > 0 || providerSlug === '' || modelSlug === '') throw new Error(`needs four cells, ${HEADER}`);
  if (!isDay(day)) throw new Error(`${JSON.stringify(day)} is not a day such as 2026-11-22`);
  if (!/^\d+(\.\d{1,9})?$/.test(usd))
    throw new Error(`${JSON.stringify(usd)} is not an amount of dollars such as 12.34`);
  return { day, providerSlug, modelSlug, cost: nanodollarsFromUsd(usd) };
}

/**
 * Reads an invoice: CSV with the header `day,provider,model,cost_usd`, one line per UTC day, provider and model (our slugs; `*` for a day as a whole).
 * Throws an Error that lists every wrong line with its number; half an invoice is never read.
 */
export function parseInvoice(csv: string): readonly InvoiceLine[] {
  const rows = csv.split(/\r?\n/).map((text, index) => ({ text, number: index + 1 }));
  const [header, ...others] = rows.filter(({ text }) => text.trim() !== '');
  if (header?.text.replaceAll(' ', '').toLowerCase() !== HEADER) throw new Error(`The first line must be ${HEADER}.`);
  const problems: string[] = [];
  const lines = others.flatMap(({ text, number }) => {
    try {
      return [lineOf(text)];
    } catch (error) {
      problems.push(`  line ${number}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(`The invoice cannot be read:\n${problems.join('\n')}`);
  return lines;
}
