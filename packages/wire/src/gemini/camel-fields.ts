import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

/** Google reads its names in both spellings, and its own examples mix them; here they have one. */
const NAMES = [
  'systemInstruction',
  'generationConfig',
  'toolConfig',
  'safetySettings',
  'cachedContent',
  'inlineData',
  'fileData',
  'fileUri',
  'mimeType',
  'displayName',
  'functionCall',
  'functionResponse',
  'functionDeclarations',
  'functionCallingConfig',
  'allowedFunctionNames',
  'parametersJsonSchema',
  'thoughtSignature',
  'maxOutputTokens',
  'stopSequences',
  'candidateCount',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'mediaResolution',
  'thinkingConfig',
  'thinkingBudget',
  'thinkingLevel',
  'includeThoughts',
  'speechConfig',
  'voiceConfig',
  'prebuiltVoiceConfig',
  'voiceName',
];

const CAMEL_NAMES: ReadonlyMap<string, string> = new Map(
  NAMES.map((name) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name]),
);

/** Members with names of the client's own, which nobody may change; schemas are read by another part. */
const OPAQUE: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'provider',
  'labels',
]);

function renamed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((entry: JsonValue) => renamed(entry));
  return isJsonObject(value) ? withCamelFields(value) : value;
}

/** The body with Google's names in camel case. Of a member that is there in both spellings, the last one counts. */
export function withCamelFields(body: JsonObject): JsonObject {
  const members = Object.entries(body).flatMap(([key, value]): [string, JsonValue][] => {
    const name = CAMEL_NAMES.get(key) ?? key;
    return value === undefined ? [] : [[name, OPAQUE.has(name) ? value : renamed(value)]];
  });
  return Object.fromEntries(members);
}
