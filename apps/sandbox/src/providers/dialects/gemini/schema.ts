import { z } from 'zod';
import { openApiSchema } from './openapi-schema.ts';

/**
 * The request of `generateContent` (https://ai.google.dev/api/generate-content, read 2026-11), in the camel case that Google's own SDK
 * writes. Every object is strict, because Google refuses names that it does not know, and null is absence.
 */

const anything = z.record(z.string(), z.unknown());

const MEDIA_TYPE =
  /^(?:image\/(?:png|jpeg|webp|heic|heif)|(?:audio|video|text)\/[\w.+;= -]+|application\/(?:pdf|json))$/;
const mediaType = z.string().refine((type) => MEDIA_TYPE.test(type), 'Unsupported MIME type');
const inlineData = z.strictObject({
  mimeType: mediaType,
  data: z.string().regex(/^[A-Za-z0-9+/_-]+={0,2}$/, 'TYPE_BYTES'),
  displayName: z.string().nullish(),
});
const fileData = z.strictObject({
  mimeType: mediaType.nullish(),
  fileUri: z.string().min(1),
  displayName: z.string().nullish(),
});
const functionCall = z.strictObject({
  id: z.string().nullish(),
  name: z.string().refine((name) => name !== '', 'Name cannot be empty.'),
  args: anything.nullish(),
});
const functionResponse = z.strictObject({
  id: z.string().nullish(),
  name: z.string().refine((name) => name !== '', 'Name cannot be empty.'),
  response: anything,
  parts: z.array(z.strictObject({ inlineData: inlineData.nullish(), fileData: fileData.nullish() })).nullish(),
  willContinue: z.boolean().nullish(),
  scheduling: z.string().nullish(),
});

/** Of these a part has exactly one. */
const DATA = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
] as const;

const part = z
  .strictObject({
    text: z.string().nullish(),
    inlineData: inlineData.nullish(),
    fileData: fileData.nullish(),
    functionCall: functionCall.nullish(),
    functionResponse: functionResponse.nullish(),
    executableCode: anything.nullish(),
    codeExecutionResult: anything.nullish(),
    thought: z.boolean().nullish(),
    thoughtSignature: z
      .string()
      .regex(/^[A-Za-z0-9+/_-]+={0,2}$/, 'TYPE_BYTES')
      .nullish(),
    videoMetadata: anything.nullish(),
    mediaResolution: z.unknown().optional(),
  })
  .superRefine((given, context) => {
    const found = DATA.filter((name) => given[name] != null);
    if (found.length === 0) {
      const message = "required oneof field 'data' must have one initialized field";
      context.addIssue({ code: 'custom', path: ['data'], message });
    }
    if (found.length > 1) {
      context.addIssue({ code: 'custom', message: `oneof field 'data' is already set. Cannot set '${found[1]}'` });
    }
  });

const parts = z.array(part).refine((list) => list.length > 0, 'contents.parts must not be empty.');
const content = z.strictObject({
  role: z
    .string()
    .refine((role) => ['user', 'model', 'function'].includes(role), 'Please use a valid role: user, model.')
    .nullish(),
  parts,
});

const functionDeclaration = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/, {
      error:
        'Invalid function name. Must start with a letter or an underscore, and have letters, digits, underscores, dots, colons or dashes, 64 at most.',
    }),
    description: z.string().nullish(),
    parameters: openApiSchema.nullish(),
    parametersJsonSchema: z.unknown().optional(),
    response: openApiSchema.nullish(),
    responseJsonSchema: z.unknown().optional(),
    behavior: z.enum(['UNSPECIFIED', 'BLOCKING', 'NON_BLOCKING']).nullish(),
  })
  .refine(
    ({ parameters, parametersJsonSchema: json }) => parameters == null || json == null,
    'only one of parameters and parameters_json_schema may be set',
  );
const tool = z.strictObject({
  functionDeclarations: z.array(functionDeclaration).max(128).nullish(),
  googleSearch: anything.nullish(),
  googleSearchRetrieval: anything.nullish(),
  codeExecution: anything.nullish(),
  urlContext: anything.nullish(),
  googleMaps: anything.nullish(),
  fileSearch: anything.nullish(),
  computerUse: anything.nullish(),
});

const toolConfig = z.strictObject({
  functionCallingConfig: z
    .strictObject({
      mode: z.enum(['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED']).nullish(),
      allowedFunctionNames: z.array(z.string()).nullish(),
    })
    .nullish(),
  retrievalConfig: anything.nullish(),
});

const thinkingConfig = z.strictObject({
  includeThoughts: z.boolean().nullish(),
  thinkingBudget: z.int().min(-1).max(32_768).nullish(),
  thinkingLevel: z
    .string()
    .regex(/^(?:thinking_level_unspecified|minimal|low|medium|high)$/i)
    .nullish(),
});

const generationConfig = z.strictObject({
  maxOutputTokens: z
    .int()
    .refine((tokens) => tokens > 0, 'max_output_tokens must be positive.')
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  topP: z.number().min(0).max(1).nullish(),
  topK: z.number().min(1).nullish(),
  candidateCount: z.int().min(1).max(8).nullish(),
  stopSequences: z.array(z.string().min(1)).max(5).nullish(),
  seed: z.int32().nullish(),
  presencePenalty: z.number().min(-2).lt(2).nullish(),
  frequencyPenalty: z.number().min(-2).lt(2).nullish(),
  responseLogprobs: z.boolean().nullish(),
  logprobs: z.int().min(0).max(20).nullish(),
  responseMimeType: z.enum(['text/plain', 'application/json', 'text/x.enum']).nullish(),
  responseSchema: openApiSchema.nullish(),
  responseJsonSchema: z.unknown().optional(),
  responseModalities: z.array(z.enum(['TEXT', 'IMAGE', 'AUDIO'])).nullish(),
  speechConfig: anything.nullish(),
  imageConfig: anything.nullish(),
  mediaResolution: z.string().nullish(),
  thinkingConfig: thinkingConfig.nullish(),
});

/** The whole request. The path names the model. */
export const geminiRequest = z.strictObject({
  contents: z.array(content).refine((list) => list.length > 0, 'contents is not specified'),
  systemInstruction: z.strictObject({ role: z.string().nullish(), parts }).nullish(),
  tools: z.array(tool).nullish(),
  toolConfig: toolConfig.nullish(),
  safetySettings: z
    .array(
      z.strictObject({
        category: z.string().regex(/^HARM_CATEGORY_/),
        threshold: z.enum(['BLOCK_LOW_AND_ABOVE', 'BLOCK_MEDIUM_AND_ABOVE', 'BLOCK_ONLY_HIGH', 'BLOCK_NONE', 'OFF']),
      }),
    )
    .nullish(),
  generationConfig: generationConfig.nullish(),
  cachedContent: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});

/** A well-formed request. */
export type GeminiRequest = z.infer<typeof geminiRequest>;
/** One turn of it. */
export type Turn = GeminiRequest['contents'][number];
/** One part of a turn. */
export type Part = Turn['parts'][number];
/** A call that a model's turn repeats. */
export type FunctionCall = z.infer<typeof functionCall>;
/** The answer of a function. */
export type FunctionResponse = z.infer<typeof functionResponse>;
