import type { Prompt } from '@bourse/generation';

/** The names of a prompt's tools as its client and as a provider with narrower names writes them. */
export interface ToolNames {
  toProvider(name: string): string;
  toClient(name: string): string;
}

const LENGTH_MAX = 64;
/** Converse's rule and OpenAI's: for names of tools and, at Converse, ids of their calls (API_runtime_ToolSpecification and API_runtime_ToolUseBlock; OpenAI's API reference, read 2026-11). */
const FORBIDDEN = /[^A-Za-z0-9_-]/g;

function sanitized(text: string): string {
  return text.replace(FORBIDDEN, '_').slice(0, LENGTH_MAX) || '_';
}

/** The text in the allowed letters, with a number at its end when somebody has it already. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  const clean = sanitized(wanted);
  for (let count = 2, name = clean; ; count += 1) {
    if (!isTaken(name)) return name;
    const suffix = `_${count}`;
    name = clean.slice(0, LENGTH_MAX - suffix.length) + suffix;
  }
}

/** Every name of a tool in a prompt, offered or called. */
function namesIn(prompt: Prompt): string[] {
  const called = prompt.messages.flatMap((message) =>
    message.role === 'assistant' ? message.toolCalls.map(({ name }) => name) : [],
  );
  return [...prompt.tools.map(({ name }) => name), ...called];
}

/** The two-way map of a prompt's names, the same whenever it is computed. Allowed names stay, the others get the nearest free one. */
export function toolNamesOf(prompt: Prompt): ToolNames {
  const byClient = new Map<string, string>();
  const byProvider = new Map<string, string>();
  const add = (client: string, provider: string) => {
    byClient.set(client, provider);
    byProvider.set(provider, client);
  };
  const names = namesIn(prompt);
  for (const name of names) if (sanitized(name) === name) add(name, name);
  for (const name of names) {
    if (!byClient.has(name))
      add(
        name,
        freeName(name, (taken) => byProvider.has(taken)),
      );
  }
  return {
    toProvider: (name) => byClient.get(name) ?? name,
    toClient: (name) => byProvider.get(name) ?? name,
  };
}
