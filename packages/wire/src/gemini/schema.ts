import { z } from 'zod';
import { integer, marketFields, OUTPUT_TOKENS_MAX, optional, range, text } from '../request/market-schema.ts';

/**
 * The request of `generateContent` (https://ai.google.dev/api/generate-content, read 2026-11), with the model of the path as `model` and the
 * method as `stream`. Known fields are typed and bounded, unknown fields pass through, and null means absent.
 */

const object = z.record(z.string(), z.unknown());

const inlineData = z.looseObject({ mimeType: text.min(1).max(200), data: text });
const fileData = z.looseObject({ mimeType: optional(text.max(200)), fileUri: text.min(1) });

const mediaPart = z.looseObject({ inlineData: optional(inlineData), fileData: optional(fileData) });

const part = z.looseObject({
  text: optional(text),
  thought: optional(z.boolean()),
  thoughtSignature: optional(text),
  inlineData: optional(inlineData),
  fileData: optional(fileData),
  functionCall: optional(
    z.looseObject({ id: optional(text.max(512)), name: text.min(1).max(128), args: optional(object) }),
  ),
  functionResponse: optional(
    z.looseObject({
      id: optional(text.max(512)),
      name: text.min(1).max(128),
      response: optional(object),
      parts: optional(z.array(mediaPart).max(100)),
    }),
  ),
});

const content = z.looseObject({
  role: optional(z.enum(['user', 'model', 'function'])),
  parts: optional(z.array(part).max(1000)),
});

const functionDeclaration = z.looseObject({
  name: text.min(1).max(128),
  description: optional(text),
  parameters: optional(object),
  parametersJsonSchema: optional(object),
});

const tool = z.looseObject({ functionDeclarations: optional(z.array(functionDeclaration).max(128)) });

const functionCallingConfig = z.looseObject({
  mode: optional(z.enum(['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'])),
  allowedFunctionNames: optional(z.array(text).max(128)),
});

const thinkingConfig = z.looseObject({
  includeThoughts: optional(z.boolean()),
  thinkingBudget: optional(integer(-1, OUTPUT_TOKENS_MAX)),
  thinkingLevel: optional(text.regex(/^(thinking_level_unspecified|minimal|low|medium|high)$/i, 'must be a level')),
});

const speechConfig = z.looseObject({
  voiceConfig: optional(
    z.looseObject({ prebuiltVoiceConfig: optional(z.looseObject({ voiceName: optional(text.max(100)) })) }),
  ),
});

const generationConfig = z.looseObject({
  maxOutputTokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  stopSequences: optional(z.array(text).max(5)),
  candidateCount: optional(integer(1, 8)),
  temperature: optional(range(0, 2)),
  topP: optional(range(0, 1)),
  topK: optional(range(0, 1_000_000)),
  seed: optional(z.int()),
  presencePenalty: optional(range(-2, 2)),
  frequencyPenalty: optional(range(-2, 2)),
  responseLogprobs: optional(z.boolean()),
  logprobs: optional(integer(0, 20)),
  responseMimeType: optional(z.enum(['text/plain', 'application/json'])),
  responseSchema: optional(object),
  responseJsonSchema: optional(object),
  responseModalities: optional(
    z.array(text.regex(/^(modality_unspecified|text|image|audio)$/i, 'must be TEXT, IMAGE or AUDIO')).max(3),
  ),
  speechConfig: optional(speechConfig),
  thinkingConfig: optional(thinkingConfig),
});

/** The whole request. */
export const geminiRequestSchema = z.looseObject({
  ...marketFields,
  service_tier: optional(text.max(64)),
  stream: optional(z.boolean()),
  contents: z.array(content).min(1).max(1000),
  systemInstruction: optional(content.extend({ role: optional(text) })),
  tools: optional(z.array(tool).max(128)),
  toolConfig: optional(z.looseObject({ functionCallingConfig: optional(functionCallingConfig) })),
  safetySettings: optional(z.array(z.looseObject({ category: text, threshold: text })).max(20)),
  generationConfig: optional(generationConfig),
});

/** A request that the schema accepts. */
export type GeminiRequest = z.output<typeof geminiRequestSchema>;
/** A turn that the schema accepts. */
export type GeminiContent = z.output<typeof content>;
/** A part that the schema accepts. */
export type GeminiPart = z.output<typeof part>;
/** The settings that the schema accepts. */
export type GeminiConfig = z.output<typeof generationConfig>;
