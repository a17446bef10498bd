import { isJsonObject, type PipelineStep } from '@bourse/generation';
import { jsonrepair } from 'jsonrepair';

/** A text above this is left as it is: nobody shall wait for the repair of a book. */
const HEALED_LENGTH_MAX = 1024 * 1024;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // That is the question, and undefined its answer: JSON has none.
    return undefined;
  }
}

const FENCE = /```(?:json)?[^\S\n]*\n?([\s\S]*?)(?:```|$)/i;

/** The text without what stands before its first object or list, and without the fence around it. */
function insideOf(text: string): string | null {
  const fenced = FENCE.exec(text)?.[1] ?? text;
  const start = fenced.search(/[[{]/);
  return start === -1 ? null : fenced.slice(start);
}

/** Where the value that the text begins with is closed; -1 where it never is. */
function closeOf(text: string): number {
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted) {
      if (character === '\\') index += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isJsonObject(value);
}

function repaired(text: string): string | null {
  try {
    const json = jsonrepair(text);
    return isContainer(parsed(json)) ? json : null;
  } catch {
    // Beyond repair.
    return null;
  }
}

/**
 * The object or list that a text was meant to be, as JSON; null when it is valid as it is, or nothing can be made of it. Takes off fences and
 * what is said around them, closes what was cut off, and mends quotes and commas.
 */
export function healJson(text: string): string | null {
  if (text.length > HEALED_LENGTH_MAX || parsed(text) !== undefined) return null;
  const inside = insideOf(text);
  if (inside === null) return null;
  const close = closeOf(inside);
  const whole = close === -1 ? inside : inside.slice(0, close + 1);
  if (isContainer(parsed(whole))) return whole;
  return repaired(whole) ?? repaired(inside);
}

/** The plugin: texts of a whole answer that should be JSON and are not are mended, and the pipeline says so. Valid JSON is never touched. */
export function healing(pipeline: PipelineStep[]): (text: string) => string {
  return (text) => {
    if (parsed(text) !== undefined) return text;
    const healed = healJson(text);
    pipeline.push({
      type: 'response_healing',
      name: 'response-healing',
      summary:
        healed === null ? 'The answer is not JSON, and could not be mended.' : 'The answer was mended into JSON.',
      data: { healed: healed !== null, characters_before: text.length, characters_after: (healed ?? text).length },
    });
    return healed ?? text;
  };
}
