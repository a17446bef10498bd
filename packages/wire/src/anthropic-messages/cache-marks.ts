import { isJsonObject } from '@bourse/generation';
import type { Block } from './encode-messages.ts';

/** Anthropic takes so many marks in a request (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, read 2026-11). */
const MARKS_MAX = 4;

/** The blocks of a request in the order in which Anthropic reads them. */
export interface Marked {
  readonly tools: readonly Block[];
  readonly system: readonly Block[];
  readonly content: readonly Block[];
}

const hasMark = (block: Block) => block['cache_control'] !== undefined;

/** The marks worth most: the last tool, the end of the system prompt, then the latest of the conversation, then whatever is left. */
function worthiest(all: Marked, max: number): ReadonlySet<Block> {
  const tools = all.tools.filter(hasMark);
  const system = all.system.filter(hasMark);
  const content = all.content.filter(hasMark);
  const first = [...tools.slice(-1), ...system.slice(-1)];
  const rest = [...content.toReversed(), ...system.slice(0, -1).toReversed(), ...tools.slice(0, -1).toReversed()];
  return new Set([...first, ...rest].slice(0, max));
}

/** Takes away the marks above the limit, and the hour of those behind a mark of five minutes: longer ones must come first. */
export function limitMarks(all: Marked, { hasOwn }: { readonly hasOwn: boolean }): void {
  const kept = worthiest(all, hasOwn ? MARKS_MAX - 1 : MARKS_MAX);
  let isShort = false;
  for (const block of [...all.tools, ...all.system, ...all.content]) {
    const mark = block['cache_control'];
    if (!isJsonObject(mark)) continue;
    if (!kept.has(block)) delete block['cache_control'];
    else if (mark['ttl'] !== '1h') isShort = true;
    else if (isShort) block['cache_control'] = { type: 'ephemeral' };
  }
}
