import { ProviderError } from './errors.ts';
import type { Random } from './random.ts';

type Explanations = Readonly<Record<string, { readonly parameter: number | null; readonly meaning: string }>>;

/** Played instead of an answer. */
const INSTEAD = {
  '400': { parameter: null, meaning: 'bad request' },
  '401': { parameter: null, meaning: 'the key is refused' },
  '403': { parameter: null, meaning: 'the key may not use this model' },
  '404': { parameter: null, meaning: 'the model does not exist' },
  '429': { parameter: 2, meaning: 'rate limited; Retry-After in seconds' },
  '500': { parameter: null, meaning: 'internal error' },
  '502': { parameter: null, meaning: 'bad gateway, as JSON' },
  '503': { parameter: null, meaning: 'overloaded' },
  '529': { parameter: null, meaning: 'overloaded, with a status outside the registry' },
  hang: { parameter: null, meaning: 'accepts the request and never answers' },
  reset: { parameter: null, meaning: 'resets the connection before any header' },
  html: { parameter: 502, meaning: 'an HTML error page; the number is its status, 200 or 502' },
} as const satisfies Explanations;

/** Strikes in the middle: after so many chunks of a stream, after half of a whole body. */
const CUT = {
  'hang-mid-stream': { parameter: 5, meaning: 'falls silent after so many chunks' },
  'reset-mid-stream': { parameter: 5, meaning: 'resets the connection after so many chunks' },
  truncated: { parameter: 5, meaning: 'ends cleanly after so many chunks: no finish, no [DONE]' },
  'bad-json': { parameter: 3, meaning: 'a broken data line after so many chunks; a broken body' },
  'error-under-200': { parameter: 3, meaning: 'an error body under 200; an error event after so many chunks' },
} as const satisfies Explanations;

/** A complete answer with something wrong about it. */
const SPOILT = {
  'slow-first-byte': { parameter: 3_000, meaning: 'a good answer, but only after so many ms' },
  'missing-usage': { parameter: null, meaning: 'a good answer without usage' },
  'absurd-usage': { parameter: 0, meaning: 'usage is 0 mixed, 1 negative, 2 huge, 3 fractional, 4 text' },
  empty: { parameter: null, meaning: '200, no text, no tokens, no finish reason' },
} as const satisfies Explanations;

/** What can go wrong, with the meaning of the number that may follow the name, and its default. */
export const FAULTS: Explanations = { ...INSTEAD, ...CUT, ...SPOILT };

/** Every fault's name. */
export const FAULT_NAMES: readonly string[] = Object.keys(FAULTS);

/** A fault instead of an answer. `parameter` is the number in its name, or its default, or 0: see `FAULTS`. */
export type InsteadFault = {
  readonly kind: 'instead';
  readonly name: keyof typeof INSTEAD;
  readonly parameter: number;
};
/** A fault in the middle of an answer. */
export type CutFault = { readonly kind: 'cut'; readonly name: keyof typeof CUT; readonly parameter: number };
/** A fault of a complete answer. */
export type SpoiltFault = { readonly kind: 'spoilt'; readonly name: keyof typeof SPOILT; readonly parameter: number };
/** A fault to play. */
export type Fault = InsteadFault | CutFault | SpoiltFault;

const isKeyOf = <T extends object>(name: PropertyKey, table: T): name is keyof T => Object.hasOwn(table, name);

/** Longest first, so that `hang-mid-stream` is not read as `hang`. */
const BY_LENGTH = [...FAULT_NAMES].sort((left, right) => right.length - left.length);

/** Reads `429`, `slow-first-byte-5000` and the like. Throws `ProviderError` 400 for a name that does not exist. */
export function parseFault(text: string): Fault {
  const name = BY_LENGTH.find((candidate) => text === candidate || text.startsWith(`${candidate}-`)) ?? '';
  const digits = /^-(\d{1,6})/.exec(text.slice(name.length))?.[1];
  const parameter = digits === undefined ? (FAULTS[name]?.parameter ?? 0) : Number(digits);
  if (isKeyOf(name, INSTEAD)) return { kind: 'instead', name, parameter };
  if (isKeyOf(name, CUT)) return { kind: 'cut', name, parameter };
  if (isKeyOf(name, SPOILT)) return { kind: 'spoilt', name, parameter };
  const message = `The sandbox has no fault '${text}'. It has: ${FAULT_NAMES.join(', ')}.`;
  throw new ProviderError(400, { message, param: 'model', code: 'unknown_sandbox_fault' });
}

/** The fault that a model's name asks for: `atlas-1-fault-429`. Throws as `parseFault` does. */
export function faultOfModel(model: string): Fault | undefined {
  const text = /(?:^|[^a-z])fault-([a-z0-9-]+)/.exec(model)?.[1];
  return text === undefined ? undefined : parseFault(text);
}

/** A standing order to fail calls. `provider` '*' means all; `rate` is a probability; `remaining` null is without end. */
export type FaultRule = {
  readonly provider: string;
  readonly fault: string;
  readonly rate: number;
  readonly remaining: number | null;
};

/** The standing orders of one sandbox. */
export type FaultRules = {
  readonly add: (rule: FaultRule) => void;
  readonly list: () => readonly FaultRule[];
  /** Forgets the rules for one provider, or all. */
  readonly clear: (provider?: string) => void;
  /** The fault of the first rule that strikes this call, used up by one. */
  readonly next: (provider: string) => Fault | undefined;
};

/** No rules at first. `random` decides which calls a rate below 1 strikes. */
export function createFaultRules(random: Random): FaultRules {
  let rules: FaultRule[] = [];

  const next = (provider: string): Fault | undefined => {
    const rule = rules.find((each) => (each.provider === '*' || each.provider === provider) && random() < each.rate);
    if (rule === undefined) return undefined;
    const remaining = rule.remaining === null ? null : rule.remaining - 1;
    rules = rules.map((each) => (each === rule ? { ...rule, remaining } : each)).filter((each) => each.remaining !== 0);
    return parseFault(rule.fault);
  };

  return {
    add: (rule) => {
      parseFault(rule.fault);
      rules = [...rules, rule];
    },
    list: () => rules,
    clear: (provider) => {
      rules = provider === undefined ? [] : rules.filter((each) => each.provider !== provider);
    },
    next,
  };
}
