import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { anthropicMessages, type ProviderFailure } from '@bourse/wire';
import { defineProvider, type ProviderConfig } from './define-provider.ts';

const VERSION = '2023-06-01';

/** Tools that are still in preview, by how their type begins, and the word that admits them (beta headers, read 2026-11). */
const BETA_OF_TOOL: readonly (readonly [string, string])[] = [
  ['computer_20251124', 'computer-use-2025-11-24'],
  ['computer_20250124', 'computer-use-2025-01-24'],
  ['code_execution_2025', 'code-execution-2025-08-25'],
  ['web_fetch_20250910', 'web-fetch-2025-09-10'],
  ['memory_20250818', 'context-management-2025-06-27'],
  ['mcp_toolset', 'mcp-client-2025-11-20'],
];

const BETA_OF_EDIT: readonly (readonly [string, string])[] = [
  ['compact_20260112', 'compact-2026-01-12'],
  ['clear_', 'context-management-2025-06-27'],
];

function betasOf(list: JsonValue | undefined, table: readonly (readonly [string, string])[]): string[] {
  const entries: readonly JsonValue[] = Array.isArray(list) ? list : [];
  return entries.flatMap((entry) => {
    const type = isJsonObject(entry) ? entry['type'] : undefined;
    return table.flatMap(([beginning, beta]) => (typeof type === 'string' && type.startsWith(beginning) ? [beta] : []));
  });
}

/** What a body needs to be admitted to: nothing for most. Clients' own headers never reach a provider. */
function headersFor({ tools, context_management: context, mcp_servers: servers }: JsonObject): Record<string, string> {
  const betas = [
    ...betasOf(tools, BETA_OF_TOOL),
    ...betasOf(isJsonObject(context) ? context['edits'] : undefined, BETA_OF_EDIT),
  ];
  if (Array.isArray(servers) && !betas.includes('mcp-client-2025-11-20')) betas.push('mcp-client-2025-04-04');
  return {
    'anthropic-version': VERSION,
    ...(betas.length === 0 ? {} : { 'anthropic-beta': [...new Set(betas)].join(',') }),
  };
}

/** Anthropic says with 400 that our own account is empty, and names the context's limit in its own words. */
function classify(failure: ProviderFailure): ProviderFailure {
  if (failure.kind !== 'invalid_request') return failure;
  if (/credit balance is too low/i.test(failure.message)) return { ...failure, kind: 'payment_required' };
  return /exceed context limit/i.test(failure.message) ? { ...failure, kind: 'context_length_exceeded' } : failure;
}

/** How the API is called, at Anthropic and at whoever speaks its dialect. */
export const anthropicApi = {
  wire: anthropicMessages,
  path: () => '/messages',
  headersFor,
  authorize: (request, { apiKey }) => ({ ...request, headers: { ...request.headers, 'x-api-key': apiKey } }),
} satisfies Partial<ProviderConfig>;

/** https://docs.claude.com/en/api/overview, read 2026-11. Hanging up stops the bill (OpenRouter's list). */
export const anthropic = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  ...anthropicApi,
  baseUrl: 'https://api.anthropic.com/v1',
  onCancel: 'stops_billing',
  classify,
});
