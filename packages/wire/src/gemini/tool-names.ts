import type { Prompt } from '@bourse/generation';

/** The names of a prompt's tools as its client and as Gemini writes them. */
export interface ToolNames {
  toProvider(name: string): string;
  toClient(name: string): string;
}

const NAME_LENGTH_MAX = 64;
/** Letters, digits, `_`, `.`, `:` and `-`, beginning with a letter or `_` (function calling reference, read 2026-11). */
const ALLOWED = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

function namesIn(prompt: Prompt): string[] {
  const names = prompt.tools.map((tool) => tool.name);
  for (const message of prompt.messages) {
    if (message.role === 'assistant') names.push(...message.toolCalls.map((call) => call.name));
  }
  return names;
}

function sanitized(name: string): string {
  const letters = name.replace(/[^A-Za-z0-9_.:-]/g, '_');
  return (/^[A-Za-z_]/.test(letters) ? letters : `_${letters}`).slice(0, NAME_LENGTH_MAX);
}

/** A name that nobody else has: the wanted one, or one with a number at its end. */
function free(wanted: string, taken: ReadonlyMap<string, string>): string {
  for (let count = 2, name = wanted; ; count += 1) {
    if (!taken.has(name)) return name;
    const suffix = `_${count}`;
    name = wanted.slice(0, NAME_LENGTH_MAX - suffix.length) + suffix;
  }
}

/**
 * The two-way map of a prompt's names, the same whenever it is computed. Allowed names stay; others are given the nearest allowed name that
 * is free. A client of this dialect has its body forwarded, so that its names are Gemini's already.
 */
export function toolNamesOf(prompt: Prompt): ToolNames {
  const byClient = new Map<string, string>();
  const byProvider = new Map<string, string>();
  const names = prompt.source.wire === 'gemini' ? [] : namesIn(prompt);
  const add = (client: string, provider: string) => {
    byClient.set(client, provider);
    byProvider.set(provider, client);
  };
  for (const name of names) if (ALLOWED.test(name)) add(name, name);
  for (const name of names) if (!byClient.has(name)) add(name, free(sanitized(name), byProvider));
  return {
    toProvider: (name) => byClient.get(name) ?? name,
    toClient: (name) => byProvider.get(name) ?? name,
  };
}
