import type { z } from 'zod';
import type { ChatMessage, ChatRequest } from '../../chat-request.ts';
import type { CallPath } from '../../dialect.ts';
import { ProviderError } from '../../errors.ts';
import { toJsonSchema } from './openapi-schema.ts';
import { callsIn, checkRules, declarationsIn, pairs, refuse, resultsIn } from './rules.ts';
import { type GeminiRequest, geminiRequest, type Part, type Turn } from './schema.ts';

type ChatPart = Exclude<NonNullable<ChatMessage['content']>, string>[number];
type Media = Pick<Part, 'inlineData' | 'fileData'>;

/** Models that always think, and sign what they say. */
export function isThinker(model: string): boolean {
  return model.includes('reason');
}

function mediaPart({ inlineData, fileData }: Media): ChatPart[] {
  if (inlineData == null && fileData == null) return [];
  const type = inlineData?.mimeType ?? fileData?.mimeType ?? '';
  if (type.startsWith('image/')) return [{ type: 'image_url' }];
  return [{ type: type.startsWith('audio/') ? 'input_audio' : 'file' }];
}

/** Thoughts are read by their signatures alone. */
function partOf(part: Part): ChatPart[] {
  if (part.thought === true) return [];
  return part.text == null ? mediaPart(part) : [{ type: 'text', text: part.text }];
}

/** Calls may come without ids; then their place is one. */
const idOf = (id: string | null | undefined, turn: number, index: number) => id ?? `call_${turn}_${index}`;

function modelMessage(turn: Turn, at: number): ChatMessage {
  const calls = callsIn(turn).map(({ id, name, args }, index) => ({
    id: idOf(id, at, index),
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(args ?? {}) },
  }));
  return { role: 'assistant', content: turn.parts.flatMap(partOf), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

/** What a function said: `output`, `result` or `error` where it is text, else the whole object. */
function wordsOf(response: Readonly<Record<string, unknown>>): string {
  const said = response['output'] ?? response['result'] ?? response['error'];
  return typeof said === 'string' ? said : JSON.stringify(response);
}

function userMessages(turn: Turn, at: number, before: Turn | undefined): ChatMessage[] {
  const calls = before === undefined ? [] : callsIn(before);
  const given = resultsIn(turn);
  const answered = pairs(calls, given);
  const results = given.map((result, index): ChatMessage => {
    const call = answered[index] ?? 0;
    const media = (result.parts ?? []).flatMap(mediaPart);
    return {
      role: 'tool',
      tool_call_id: idOf(calls[call]?.id, at - 1, call),
      content: [{ type: 'text', text: wordsOf(result.response) }, ...media],
    };
  });
  const said = turn.parts.flatMap(partOf);
  return said.length === 0 ? results : [...results, { role: 'user', content: said }];
}

function messagesOf({ systemInstruction, contents }: GeminiRequest): ChatMessage[] {
  const system = (systemInstruction?.parts ?? []).flatMap(partOf);
  const turns = contents.flatMap((turn, at) =>
    turn.role === 'model' ? [modelMessage(turn, at)] : userMessages(turn, at, contents[at - 1]),
  );
  return [...(system.length > 0 ? [{ role: 'system' as const, content: system }] : []), ...turns];
}

function toolsOf(request: GeminiRequest): Partial<ChatRequest> {
  const { mode, allowedFunctionNames } = request.toolConfig?.functionCallingConfig ?? {};
  const allowed = allowedFunctionNames ?? [];
  const offered = declarationsIn(request).filter(({ name }) => allowed.length === 0 || allowed.includes(name));
  if (offered.length === 0) return {};
  const choices = { ANY: 'required', NONE: 'none' } as const;
  return {
    tools: offered.map(({ name, description, parameters, parametersJsonSchema }) => ({
      type: 'function' as const,
      function: { name, description, parameters: parameters == null ? parametersJsonSchema : toJsonSchema(parameters) },
    })),
    ...(mode === 'ANY' || mode === 'NONE' ? { tool_choice: choices[mode] } : {}),
  };
}

function formOf({ generationConfig: config }: GeminiRequest): Partial<ChatRequest> {
  if (config?.responseMimeType !== 'application/json') return {};
  const { responseSchema, responseJsonSchema } = config;
  const schema: unknown = responseSchema == null ? responseJsonSchema : toJsonSchema(responseSchema);
  if (schema == null) return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } };
}

/** A model thinks when it is asked to; thinkers do so by themselves. */
function effortOf({ generationConfig: config }: GeminiRequest, model: string): Partial<ChatRequest> {
  const { thinkingBudget: budget, thinkingLevel: level } = config?.thinkingConfig ?? {};
  if (budget === 0) return { reasoning_effort: 'none' };
  const isAsked = budget != null || level != null || isThinker(model);
  return { reasoning_effort: isAsked ? (level ?? 'high') : 'none' };
}

/** `contents[0].parts[1].function_call`, as Google names places. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

function refusalOf(issue: z.core.$ZodIssue | undefined): ProviderError {
  if (issue === undefined) return refuse('Request contains an invalid argument.');
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const at = place === '' ? '' : ` at '${place}'`;
    return refuse(`Invalid JSON payload received. Unknown name "${issue.keys[0]}"${at}: Cannot find field.`);
  }
  if (issue.code === 'custom') return refuse(`* GenerateContentRequest.${place}: ${issue.message}`);
  return refuse(`Invalid value at '${place}' (${issue.message})`);
}

function parseJson(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    throw refuse('Invalid JSON payload received. Unexpected token.');
  }
}

const openlyThinking = new WeakSet<ChatRequest>();

/** True when the words of thoughts are wanted. */
export function isThoughtShown(request: ChatRequest): boolean {
  return openlyThinking.has(request);
}

/** Checks a request of `generateContent` and brings it into the sandbox's own form. Throws `ProviderError` 400. */
export function parseGenerateContent(bodyText: string, { model, isStreamed }: CallPath): ChatRequest {
  if (model === null) throw new ProviderError(404, { message: 'The path names no model.' });
  const parsed = geminiRequest.safeParse(parseJson(bodyText));
  if (!parsed.success) throw refusalOf(parsed.error.issues[0]);
  const request = parsed.data;
  checkRules(request, isThinker(model));
  const { generationConfig: config } = request;
  const chat: ChatRequest = {
    model,
    messages: messagesOf(request),
    stream: isStreamed,
    max_tokens: config?.maxOutputTokens,
    n: config?.candidateCount,
    seed: config?.seed,
    stop: config?.stopSequences,
    ...effortOf(request, model),
    ...toolsOf(request),
    ...formOf(request),
  };
  if (config?.thinkingConfig?.includeThoughts === true) openlyThinking.add(chat);
  return chat;
}
