import type { Prompt } from '@bourse/generation';
import type { EndpointFacts } from './facts.ts';
import type { ExclusionReason } from './types.ts';

/** A wish for which a model's endpoints are narrowed to those that can meet it, as long as there are any. */
export interface SoftFilter {
  readonly reason: ExclusionReason;
  /** The parameter that an endpoint must support. */
  readonly parameter: string;
}

const NONE: readonly SoftFilter[] = [];

/**
 * The soft filters of a request. A parameter that nobody supports is no reason to refuse (reference: OpenRouter's guide to parameters,
 * 2026-08); tools are, because an answer without them is of no use to a program that waits for a call.
 */
export function softFiltersOf({ responseFormat, verbosity }: Prompt): readonly SoftFilter[] {
  const isStructured = responseFormat !== undefined && responseFormat.type !== 'text';
  if (!isStructured && verbosity === undefined) return NONE;
  const filters: SoftFilter[] = [];
  if (isStructured) {
    const parameter = responseFormat.type === 'json_schema' ? 'structured_outputs' : 'response_format';
    filters.push({ reason: 'response_format_unsupported', parameter });
  }
  if (verbosity !== undefined) filters.push({ reason: 'verbosity_unsupported', parameter: 'verbosity' });
  return filters;
}

/** Those that meet a soft filter, and those that go; all stay where nobody meets it. */
export function narrow<Entry extends { readonly facts: EndpointFacts }>(
  entries: readonly Entry[],
  { parameter }: SoftFilter,
): { readonly kept: readonly Entry[]; readonly gone: readonly Entry[] } {
  const kept = entries.filter(({ facts }) => facts.parameters.has(parameter));
  if (kept.length === 0 || kept.length === entries.length) return { kept: entries, gone: [] };
  return { kept, gone: entries.filter((entry) => !kept.includes(entry)) };
}
