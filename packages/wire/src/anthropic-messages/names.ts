import type { Prompt } from '@bourse/generation';

/** Names and ids at Anthropic: letters, digits, `_` and `-`, at most 64 of them (https://docs.claude.com/en/api/messages, read 2026-11). */
const LENGTH_MAX = 64;

/** The text with what Anthropic refuses replaced; never empty. */
export function sanitized(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LENGTH_MAX) || '_';
}

/** The text, sanitized, and numbered where it is taken; it is taken then. */
function claim(text: string, taken: Set<string>): string {
  const plain = sanitized(text);
  let candidate = plain;
  for (let number = 2; taken.has(candidate); number += 1) {
    const suffix = `_${number}`;
    candidate = plain.slice(0, LENGTH_MAX - suffix.length) + suffix;
  }
  taken.add(candidate);
  return candidate;
}

/** Names of tools, there and back. */
export interface ToolNames {
  /** What Anthropic is told. */
  readonly sent: (name: string) => string;
  /** What the client called it. */
  readonly restored: (name: string) => string;
}

/** The names of a prompt's tools, of those in its history too. Names that Anthropic takes as they are keep them. */
export function toolNames(prompt: Pick<Prompt, 'tools' | 'messages'>): ToolNames {
  const names = new Set(prompt.tools.map((tool) => tool.name));
  for (const message of prompt.messages) {
    if (message.role === 'assistant') for (const call of message.toolCalls) names.add(call.name);
  }
  const taken = new Set([...names].filter((name) => name === sanitized(name)));
  const sent = new Map<string, string>();
  const restored = new Map<string, string>();
  for (const name of names) {
    if (taken.has(name)) continue;
    const other = claim(name, taken);
    sent.set(name, other);
    restored.set(other, name);
  }
  return { sent: (name) => sent.get(name) ?? sanitized(name), restored: (name) => restored.get(name) ?? name };
}

/** Ids of calls in a conversation, where each must be its own: clients repeat them, and other families write them in other letters. */
export interface CallIds {
  /** The id of the next call. */
  call(id: string): string;
  /** The id of the call that a result with this id answers: the earliest that has no result yet. */
  result(id: string): string;
}

/** Ids for one conversation, in its order. */
export function createCallIds(): CallIds {
  const taken = new Set<string>();
  const unanswered = new Map<string, string[]>();
  return {
    call(id) {
      const own = claim(id, taken);
      unanswered.set(id, [...(unanswered.get(id) ?? []), own]);
      return own;
    },
    result(id) {
      return unanswered.get(id)?.shift() ?? sanitized(id);
    },
  };
}
