import { isJsonObject, type JsonObject, type Prompt } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { objectsAt } from './json-fields.ts';

/**
 * Tools that take free text instead of arguments. To other dialects they are functions with one string, and what is called is turned back
 * on its way to the client.
 */

/** The one argument of a tool that takes text. */
export function customInput(input: string): string {
  return JSON.stringify({ input });
}

/** The text in such arguments; arguments that are something else are the text as they stand, so that nothing is lost. */
export function inputOf(argumentsText: string): string {
  const parsed = parseJson(argumentsText);
  return isJsonObject(parsed) && typeof parsed['input'] === 'string' ? parsed['input'] : argumentsText;
}

/** The schema of a tool that takes text; a grammar cannot be enforced outside of its dialect, so the model is told of it. */
export function customParameters(grammar: string | null): JsonObject {
  const described = grammar === null ? {} : { description: `Must follow this grammar:\n${grammar}` };
  return {
    type: 'object',
    properties: { input: { type: 'string', ...described } },
    required: ['input'],
    additionalProperties: false,
  };
}

/** The names of the tools that a client of this dialect offered as taking text. */
export function customToolNames({ source }: Pick<Prompt, 'source'>): ReadonlySet<string> {
  const names = new Set<string>();
  if (source.wire !== 'openai-responses') return names;
  for (const { type, name } of objectsAt(source.body, 'tools')) {
    if (type === 'custom' && typeof name === 'string') names.add(name);
  }
  return names;
}
