import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { at } from './json-at.ts';

/** An answer as a route's clients see it. */
export interface Answer {
  /** Lower case, as the document has it. */
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces, as the document has it. */
  readonly path: string;
  readonly status: number;
  /** The body, or the data of one event of a stream. */
  readonly body: unknown;
  /** Of an event of a stream: its name, null where the dialect gives it none. */
  readonly event?: string | null;
}

/** An OpenAPI document, for looking whether answers are as it says. */
export interface Contract {
  /** What of the answer is not as the document says, each as `place: what`; empty when all is. */
  deviations(answer: Answer): readonly string[];
  /** The same for a part of an answer by the name of its schema. */
  partDeviations(schemaName: string, part: unknown): readonly string[];
}

type Loose = Record<string, unknown>;

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function eachMember(object: Loose, change: (value: unknown, key: string) => unknown): Loose {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** The one value of the member by which the choices of a union are told apart; null where there is not one. */
function tagOf(choice: unknown, key: string, named: Loose): string | null {
  const reference = at(choice, '$ref');
  if (typeof reference === 'string') return tagOf(named[reference.split('/').at(-1) ?? ''], key, named);
  const [own, listed] = [at(choice, 'properties', key, 'const'), at(choice, 'properties', key, 'enum')];
  const values: readonly unknown[] = Array.isArray(listed) ? listed : [own];
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  const parts = at(choice, 'allOf');
  const tags = Array.isArray(parts) ? parts.map((part) => tagOf(part, key, named)) : [];
  return tags.find((tag) => tag !== null) ?? null;
}

/** The tag of each choice of a union; null where one has none. */
function tagsOf(choices: readonly unknown[], key: string, named: Loose): readonly string[] | null {
  const tags = choices.map((choice) => tagOf(choice, key, named));
  return tags.every((tag) => tag !== null) ? tags : null;
}

/** Choices as conditions on their tags: what is wrong is then told of those that were meant, and not of all. */
function conditionsOf(key: string, tags: readonly string[], choices: readonly unknown[]): Loose {
  const branches = [...new Set(tags)].map((tag) => ({
    if: { type: 'object', properties: { [key]: { const: tag } }, required: [key] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword.
    then: { anyOf: choices.filter((_, index) => tags[index] === tag) },
  }));
  return {
    allOf: [{ type: 'object', properties: { [key]: { enum: [...new Set(tags)] } }, required: [key] }, ...branches],
  };
}

/**
 * A schema as a validator reads it. `oneOf` becomes `anyOf`: objects of the document are open, so that an answer with one field more may
 * well fit two of its choices.
 */
function toJsonSchema(node: unknown, named: Loose): unknown {
  if (Array.isArray(node)) return node.map((each) => toJsonSchema(each, named));
  if (!isObject(node)) return node;
  const { oneOf, anyOf = oneOf, discriminator, example: _example, ...rest } = node;
  const mapped = eachMember(rest, (value, key) =>
    // Names of properties are no keywords, whatever they are.
    key === 'properties' && isObject(value)
      ? eachMember(value, (property) => toJsonSchema(property, named))
      : toJsonSchema(value, named),
  );
  if (!Array.isArray(anyOf)) return mapped;
  const key = at(discriminator, 'propertyName');
  const tag = typeof key === 'string' ? key : 'type';
  const choices: readonly unknown[] = anyOf.map((choice) => toJsonSchema(choice, named));
  const tags = tagsOf(anyOf, tag, named);
  if (tags === null) return { ...mapped, anyOf: choices };
  const conditions = conditionsOf(tag, tags, choices);
  return { ...mapped, allOf: [mapped['allOf'] ?? [], conditions].flat() };
}

const told = ({ instancePath, message = '', keyword, data }: ErrorObject): string => {
  const place = instancePath === '' ? '/' : instancePath.replace(/\/\d+(?=\/|$)/g, '/*');
  const isTold = keyword === 'enum' || keyword === 'const' || keyword === 'type' || keyword === 'format';
  return `${place}: ${message}${isTold ? `, is ${JSON.stringify(data)?.slice(0, 100)}` : ''}`;
};

/** The words of a choice that failed as a whole say nothing: `if` must match `then`. */
const isWorthTelling = ({ keyword }: ErrorObject): boolean => keyword !== 'if' && keyword !== 'anyOf';

/** Errors for which the document has no schema are written as its others of the route. */
const ANY_ERROR = ['400', '401', '403', '404', '500'];

function createContract(document: unknown): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true });
  formats.default(ajv);
  const named = at(document, 'components', 'schemas');
  const originals = isObject(named) ? named : {};
  const schemas = eachMember(originals, (schema) => toJsonSchema(schema, originals));
  ajv.addSchema({ $id: 'contract', components: { schemas } });

  function check(schema: object, value: unknown): readonly string[] {
    // A schema of its own document refers to the parts of the whole one.
    const here: unknown = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/'));
    const validate = ajv.compile(isObject(here) ? here : {});
    if (validate(value) === true) return [];
    const errors = validate.errors ?? [];
    const best = errors.filter(isWorthTelling);
    return [...new Set((best.length > 0 ? best : errors).map(told))];
  }

  function schemaOf({ method, path, status, event }: Answer): object | null {
    const responses = at(document, 'paths', path, method, 'responses');
    const statuses = [String(status), ...(status >= 400 ? ANY_ERROR : [])];
    const type = event === undefined ? 'application/json' : 'text/event-stream';
    const found = statuses.map((each) => at(responses, each, 'content', type, 'schema')).find(isObject);
    return found === undefined ? null : Object(toJsonSchema(found, originals));
  }

  return {
    deviations(answer) {
      const schema = schemaOf(answer);
      if (schema === null) return [`/: ${answer.method} ${answer.path} has no answer ${answer.status} in the document`];
      const { event, body } = answer;
      return check(schema, event === undefined ? body : { data: body, ...(event === null ? {} : { event }) });
    },
    partDeviations: (schemaName, part) => check({ $ref: `#/components/schemas/${schemaName}` }, part),
  };
}

const DEFAULT_PLACE = fileURLToPath(
  new URL('../../../../../shared/reference/openrouter.openapi.yaml', import.meta.url),
);

/** Where OpenRouter's OpenAPI document is looked for. */
export const contractPlace: string = process.env['OPENROUTER_OPENAPI'] ?? DEFAULT_PLACE;

/** The document at `contractPlace`; null where there is none. Throws when it is no OpenAPI document. */
export function openContract(): Contract | null {
  return existsSync(contractPlace) ? createContract(parse(readFileSync(contractPlace, 'utf8'))) : null;
}
