import { isJsonObject, type JsonObject, type JsonValue, type Prompt, type ToolDefinition } from '@bourse/generation';
import { parseDataUrl } from '../data-url.ts';
import { forwardedBody, outputCap } from '../request/decode-market.ts';
import type { CallTarget, UnsupportedFeature } from '../wire-format.ts';
import { encodeContents, NOT_OURS } from './encode-contents.ts';
import { withoutForeignThoughts } from './foreign-thoughts.ts';
import { formInWords, generationConfig } from './generation-config.ts';
import { isGemini3, type ModelFamily, modelFamily, takesJsonSchema } from './model-family.ts';
import { toOpenApi } from './to-openapi.ts';
import { type ToolNames, toolNamesOf } from './tool-names.ts';

/** In a body of ours, not of Google's: the path names the model and says whether it streams, and `user` is for us. */
const NOT_FOR_GOOGLE = ['model', 'stream', 'user'];

/** A function without parameters says nothing of them: an object without properties is refused. */
function parametersOf({ parameters }: ToolDefinition, family: ModelFamily): JsonObject {
  const properties = parameters?.['properties'];
  const isEmpty = !isJsonObject(properties) || Object.keys(properties).length === 0;
  const hasMore = parameters !== undefined && ['$ref', 'anyOf', 'oneOf', 'allOf'].some((key) => key in parameters);
  if (parameters === undefined || (isEmpty && !hasMore)) return {};
  return takesJsonSchema(family) ? { parametersJsonSchema: parameters } : { parameters: toOpenApi(parameters) };
}

/** Which functions the model must, may or may not call. Nothing here can keep it from several calls at once. */
function toolConfig({ toolChoice, tools }: Prompt, names: ToolNames): JsonObject | null {
  if (toolChoice === undefined || tools.length === 0) return null;
  const mode = { auto: 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' }[toolChoice.type];
  const allowed = toolChoice.type === 'tool' ? { allowedFunctionNames: [names.toProvider(toolChoice.name)] } : {};
  return { functionCallingConfig: { mode, ...allowed } };
}

function encodeTools(prompt: Prompt, names: ToolNames, family: ModelFamily): JsonObject {
  const functionDeclarations = prompt.tools.map((tool) => ({
    name: names.toProvider(tool.name),
    ...(tool.description ? { description: tool.description } : {}),
    ...parametersOf(tool, family),
  }));
  const config = toolConfig(prompt, names);
  return {
    ...(functionDeclarations.length > 0 ? { tools: [{ functionDeclarations }] } : {}),
    ...(config === null ? {} : { toolConfig: config }),
  };
}

function withSystemText(contents: JsonObject, text: string | null): JsonObject {
  if (text === null) return contents;
  const { systemInstruction } = contents;
  const parts = isJsonObject(systemInstruction) ? systemInstruction['parts'] : [];
  return { ...contents, systemInstruction: { parts: [...(Array.isArray(parts) ? parts : []), { text }] } };
}

/** From the hub, for a client that spoke another dialect. Safety settings are left as they are by default. */
function encodeFromHub(prompt: Prompt, target: CallTarget): JsonObject {
  const family = modelFamily(target.upstreamModel);
  const names = toolNamesOf(prompt);
  const config = generationConfig(prompt, target, family);
  return {
    ...withSystemText(encodeContents(prompt, { family, names }), formInWords(prompt, family)),
    ...encodeTools(prompt, names, family),
    ...(config === null ? {} : { generationConfig: config }),
  };
}

/** A client's own body with our output cap, less what other families thought. */
function encodeForwarded(prompt: Prompt, target: CallTarget): JsonObject {
  const body: Record<string, JsonValue | undefined> = forwardedBody(prompt.source.body);
  for (const field of NOT_FOR_GOOGLE) delete body[field];
  const cap = outputCap(prompt, target);
  const { generationConfig: config, contents } = body;
  if (Array.isArray(contents)) {
    const unsigned = isGemini3(modelFamily(target.upstreamModel)) ? NOT_OURS : null;
    body['contents'] = withoutForeignThoughts(contents, unsigned);
  }
  if (cap !== undefined) body['generationConfig'] = { ...(isJsonObject(config) ? config : {}), maxOutputTokens: cap };
  return body;
}

/**
 * The body for `generateContent` and `streamGenerateContent`, which are told apart by their paths. A client of the same dialect has its own
 * body forwarded, unknown fields included; for others it is written from the hub.
 */
export function encodePrompt(prompt: Prompt, target: CallTarget): JsonObject {
  return prompt.source.wire === 'gemini' ? encodeForwarded(prompt, target) : encodeFromHub(prompt, target);
}

/** A file that is an id at another company, and so no address at all. */
function isForeignFile(fileData: string): boolean {
  return parseDataUrl(fileData) === null && !/^(?:https?|gs):\/\//i.test(fileData);
}

/** Files by the ids of others; sound of another kind than the bare samples that speaking models make. */
export function lacks(prompt: Prompt): UnsupportedFeature | null {
  if (prompt.source.wire === 'gemini') return null;
  const parts = prompt.messages.flatMap(({ content }) => content);
  if (parts.some((part) => part.type === 'file' && isForeignFile(part.fileData))) return 'file_input';
  const format = prompt.audioOutput?.format;
  return format !== undefined && format !== 'pcm16' ? 'audio_output' : null;
}
