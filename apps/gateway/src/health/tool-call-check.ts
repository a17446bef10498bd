import type { JsonObject, JsonValue, ToolDefinition } from '@bourse/generation';
import { isJsonObject } from '@bourse/generation';
import type { AnswerFacts } from '@bourse/wire';
import { Validator } from '@cfworker/json-schema';

/** What is looked at: an answer with more than this is not judged, so that nobody's answer is held in memory for it. */
const CALLS_MAX = 32;
const ARGUMENTS_LENGTH_MAX = 64 * 1024;
const SCHEMA_NODES_MAX = 1_000;
const SCHEMA_DEPTH_MAX = 24;
const SCHEMAS_KEPT = 500;

/**
 * Words that make checking cost more than reading: patterns may run for ever, references may go round. Formats are annotations. A schema is
 * the client's, so what it says with them counts as kept.
 */
const LEFT_OUT = new Set(['pattern', 'patternProperties', 'format', '$schema', '$id', 'id']);
const TYPES = new Set<JsonValue>(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/** A member that no schema may have, or that is not followed. A property may have any of these names: then its value is a schema. */
function isBeyond(key: string, member: JsonValue): boolean {
  if (isJsonObject(member)) return false;
  if (key === 'type') return !(Array.isArray(member) ? member : [member]).every((type) => TYPES.has(type));
  return REFERENCES.has(key) && typeof member === 'string';
}

/** A copy without what is left out; undefined for a schema that is broken, too large, too deep, or refers to others. */
function bounded(value: JsonValue, budget: { nodes: number }, depth = 0): JsonValue | undefined {
  budget.nodes -= 1;
  if (budget.nodes < 0 || depth > SCHEMA_DEPTH_MAX) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => bounded(item, budget, depth + 1));
    return items.some((item) => item === undefined) ? undefined : (items as JsonValue[]); // none of them is undefined
  }
  if (!isJsonObject(value)) return value;
  const copy: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || isBeyond(key, member)) return undefined;
    if (LEFT_OUT.has(key) && !(depth > 0 && isJsonObject(member) && key !== 'patternProperties')) continue;
    const inner = bounded(member, budget, depth + 1);
    if (inner === undefined) return undefined;
    copy[key] = inner;
  }
  return copy;
}

function validatorOf(schema: JsonObject): Validator | null {
  const checked = bounded(schema, { nodes: SCHEMA_NODES_MAX });
  return checked === undefined || !isJsonObject(checked) ? null : new Validator({ ...checked }, '7', true);
}

/** Tools come with every request of a conversation; those with the same schema share what was made of it. */
const validators = new Map<string, Validator | null>();

function fits(schema: JsonObject | undefined, value: JsonValue): boolean {
  if (schema === undefined) return true;
  try {
    const key = JSON.stringify(schema);
    if (key.length > ARGUMENTS_LENGTH_MAX) return true;
    let validator = validators.get(key);
    if (validator === undefined) {
      validator = validatorOf(schema);
      if (validators.size >= SCHEMAS_KEPT) validators.clear();
      validators.set(key, validator);
    }
    return validator === null || validator.validate(value).valid;
  } catch {
    return true; // a schema that is none: whatever the model answers cannot break it
  }
}

interface Call {
  name: string | null;
  argumentsText: string;
}

/**
 * Watches an answer for calls of the client's tools, and judges them when it is over: not JSON, a name that was not offered, or arguments that
 * do not fit the tool's schema (draft 7; a missing or broken one fits) make it broken. It looks at what passes and changes nothing.
 */
export class ToolCallCheck {
  readonly #tools: readonly ToolDefinition[];
  readonly #calls = new Map<string, Call>();
  #length = 0;
  #isTooLarge = false;

  constructor(tools: readonly ToolDefinition[]) {
    this.#tools = tools;
  }

  /** Takes in what one event (or a whole body) told. */
  observe({ toolCalls }: AnswerFacts): void {
    if (toolCalls === undefined || this.#isTooLarge) return;
    for (const { key, name, argumentsText } of toolCalls) {
      const call = this.#calls.get(key) ?? { name: null, argumentsText: '' };
      call.name ??= name;
      call.argumentsText += argumentsText;
      this.#calls.set(key, call);
      this.#length += argumentsText.length;
    }
    if (this.#calls.size <= CALLS_MAX && this.#length <= ARGUMENTS_LENGTH_MAX) return;
    this.#isTooLarge = true;
    this.#calls.clear();
  }

  /** Null when the answer called nothing, or too much to be judged. */
  verdict(): 'sound' | 'broken' | null {
    if (this.#calls.size === 0) return null;
    return [...this.#calls.values()].every((call) => this.#isSound(call)) ? 'sound' : 'broken';
  }

  #isSound({ name, argumentsText }: Call): boolean {
    const tool = this.#tools.find((each) => each.name === name);
    if (tool === undefined) return false;
    let value: JsonValue;
    try {
      // No arguments at all are an empty set of them.
      value = argumentsText.trim() === '' ? {} : JSON.parse(argumentsText);
    } catch {
      return false;
    }
    return fits(tool.parameters, value);
  }
}
