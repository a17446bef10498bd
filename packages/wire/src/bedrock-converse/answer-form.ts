import { isJsonObject, type JsonObject, type Prompt } from '@bourse/generation';
import { adaptSchema } from '../anthropic-messages/output-schema.ts';
import { freeName, toolNamesOf } from '../request/tool-names.ts';
import type { ConverseTraits } from './model-traits.ts';

/**
 * How the form of the answer is enforced: by the API's own output format, by a tool whose arguments are the answer, by words, or not at all.
 */
export type AnswerForm =
  | { readonly kind: 'free' }
  | { readonly kind: 'output_config'; readonly config: JsonObject }
  /** `name` is the tool's name at the provider; nobody else has it. */
  | { readonly kind: 'tool'; readonly name: string; readonly description: string; readonly schema: JsonObject }
  | { readonly kind: 'words'; readonly text: string };

const TOOL_NAME = 'json_response';
const TOOL_DESCRIPTION = 'Give your final answer with this tool, as its arguments.';
const JSON_OBJECT = 'Answer with a single JSON object and nothing else: no prose around it, no code fence.';

function isObjectSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' || isJsonObject(schema['properties']);
}

/**
 * Computed from the prompt alone, so that the decoder knows as well as the encoder which tool was never the client's. Where the client forces
 * a call, the answer is that call and has no other form. A tool takes only objects,
 * and only some models can be made to call one: for the rest the schema is told in words.
 */
export function answerFormOf(prompt: Prompt, traits: ConverseTraits): AnswerForm {
  const { responseFormat: format, toolChoice } = prompt;
  if (format === undefined || format.type === 'text') return { kind: 'free' };
  if (toolChoice?.type === 'tool' || toolChoice?.type === 'required') return { kind: 'free' };
  if (format.type !== 'json_schema' || format.schema === undefined) return { kind: 'words', text: JSON_OBJECT };
  const { name, description, schema } = format;
  if (traits.hasOutputConfig) {
    // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputFormat.html, read 2026-11: the schema is a string. Only
    // Claude is asked like this, and it reads a schema here as its own API does.
    const described = description ? { description } : {};
    const jsonSchema = { schema: JSON.stringify(adaptSchema(schema)), name, ...described };
    return { kind: 'output_config', config: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
  }
  const isTool = traits.toolChoices !== 'none' && isObjectSchema(schema);
  if (!isTool) {
    return { kind: 'words', text: `Answer with JSON alone, after this JSON Schema: ${JSON.stringify(schema)}` };
  }
  const names = toolNamesOf(prompt);
  const taken = new Set(prompt.tools.map((tool) => names.toProvider(tool.name)));
  return {
    kind: 'tool',
    name: freeName(TOOL_NAME, (wanted) => taken.has(wanted)),
    description: description ? `${TOOL_DESCRIPTION} ${description}` : TOOL_DESCRIPTION,
    schema: { type: 'object', ...schema },
  };
}
