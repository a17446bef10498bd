import { isJsonObject, type JsonObject, type JsonValue, type Usage } from '@bourse/generation';
import { costMembers } from '../cost-members.ts';
import { noFacts } from '../facts.ts';
import { spliceMembers } from '../json-members.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse } from '../provider-failure.ts';
import type { AnswerBody, AnswerContext, AnswerFacts, UsageReport } from '../wire-format.ts';

/** Counts above this are a provider's mistake. */
const COUNT_MAX = 100_000_000;

/** A count under a name: undefined when there is none, null when what is there is none. */
export function countOf(object: JsonObject, name: string): number | null | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : null;
}

/** The member as an object; empty when it is none. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

/** What a provider's counts come to: a usage, nothing, or what cannot be read as any. */
export type CountedUsage = Usage | 'none' | 'unreadable';

/** Meters from counts: unreadable when one of them is none, nothing when none is there. */
export function usageOf(counts: Readonly<Record<string, number | null | undefined>>): CountedUsage {
  const given = Object.entries(counts).filter(([, count]) => count !== undefined);
  if (given.some(([, count]) => count === null)) return 'unreadable';
  return given.length === 0 ? 'none' : Object.fromEntries(given);
}

/** How the body of one operation is read and written. */
export interface BodyReading {
  /** What is wrong with an answer that is JSON and no error; null when it is what was asked for. */
  readonly wrong: (root: JsonObject, context: AnswerContext) => string | null;
  readonly usage: (root: JsonObject) => CountedUsage;
  readonly counted?: (root: JsonObject) => Usage;
  readonly upstreamId?: (root: JsonObject) => string | null;
  /** Text that was made, for our own count. */
  readonly outputText?: (root: JsonObject) => string;
  /** The client's usage as JSON text, without braces and without the money. */
  readonly usageMembers: (report: UsageReport) => readonly string[];
  /** Further members that are ours, as JSON text. */
  readonly edits?: (root: JsonObject, context: AnswerContext) => Readonly<Record<string, string>>;
}

function factsOf(root: unknown, context: AnswerContext, reading: BodyReading): AnswerFacts {
  if (!isJsonObject(root))
    return { ...noFacts, error: invalidResponse('The provider sent an answer that is not JSON.') };
  const { error } = root;
  if (error !== undefined && error !== null) return { ...noFacts, error: failureInBody(root) };
  const wrong = reading.wrong(root, context);
  if (wrong !== null) return { ...noFacts, error: invalidResponse(wrong) };
  const usage = reading.usage(root);
  return {
    usage: typeof usage === 'string' ? null : usage,
    isUsageUnreadable: usage === 'unreadable',
    finish: { unified: 'stop', raw: null },
    upstreamId: reading.upstreamId?.(root) ?? null,
    outputText: reading.outputText?.(root) ?? '',
    hasOutput: true,
    ...(reading.counted === undefined ? {} : { counted: reading.counted(root) }),
    error: null,
  };
}

/** The body of an operation: parsed once, and every byte that is not ours passed on as it came. Never throws for what a provider sends. */
export function answerBody(text: string, context: AnswerContext, reading: BodyReading): AnswerBody {
  const root = parseJson(text);
  return {
    facts: factsOf(root, context, reading),
    render(report) {
      const money = costMembers(report, { input: 'prompt', output: 'completions' });
      const edits = new Map(Object.entries(isJsonObject(root) ? (reading.edits?.(root, context) ?? {}) : {}));
      edits.set('usage', `{${[...reading.usageMembers(report), money].join(',')}}`);
      return spliceMembers(text, edits);
    },
  };
}

/** `"name":count` for each count that is there. */
export function countMembers(counts: Readonly<Record<string, number | undefined>>): readonly string[] {
  return Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [`"${name}":${count}`]));
}

/** The id, model and provider of an answer, as JSON text. */
export function headEdits({ head: { id, model, provider } }: AnswerContext): Readonly<Record<string, string>> {
  return { id: JSON.stringify(id), model: JSON.stringify(model), provider: JSON.stringify(provider) };
}

/** The provider's own id of an answer. */
export function idOf({ id }: JsonObject): string | null {
  return typeof id === 'string' && id !== '' ? id : null;
}

/** The objects of a list; null when it is none, or holds something else. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] | null {
  return Array.isArray(value) && value.every(isJsonObject) ? value : null;
}
