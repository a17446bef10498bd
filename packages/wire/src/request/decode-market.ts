import { AppError } from '@bourse/errors';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type PluginRequest,
  type Prompt,
  type WireFormatId,
} from '@bourse/generation';
import type { z } from 'zod';
import { isForwarded, isKnown } from './fields.ts';
import { invalidRequest } from './issue-sentence.ts';
import type { MarketRequest } from './market-schema.ts';
import { decodePreferences } from './preferences.ts';

/** A refusal that names the wrong field. */
export function refuse(path: string, sentence: string): AppError {
  return new AppError('invalid_request', sentence, { metadata: { path } });
}

/** The body as a JSON object. Throws AppError('invalid_request'). */
export function requireObject(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw refuse('', 'The body must be a JSON object.');
  return value;
}

/** The body as a schema reads it. Throws AppError('invalid_request') with one sentence and the path of the first wrong field. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: JsonObject): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue ? invalidRequest(issue, body) : refuse('', 'The body is not valid.');
}

/** Dollars as a decimal string, never in exponent form. */
function decimalOf(usd: string | number): string {
  return typeof usd === 'string' ? usd : usd.toFixed(9).replace(/\.?0+$/, '');
}

type MarketFields = Pick<
  Prompt,
  'model' | 'modelFallbacks' | 'preferences' | 'plugins' | 'maxCostUsd' | 'endUser' | 'sessionId'
>;

function isOnlineName(name: string): boolean {
  return name.includes(':online') && /:online(?::|$)/.test(name);
}

/**
 * The plugins that a request names, the last of each id, and `web` where a model's name asks to be `:online` and the request does not say
 * how; `transforms` are a plugin, too. Undefined for none.
 */
function pluginsOf({ plugins, transforms, model, models }: MarketRequest): readonly PluginRequest[] | undefined {
  const isOnline = (model && isOnlineName(model)) || (models?.some(isOnlineName) ?? false);
  if (!isOnline && !plugins?.length && !transforms?.length) return undefined;
  const byId = new Map<string, PluginRequest>();
  if (isOnline) byId.set('web', { id: 'web', isEnabled: true, options: {} });
  if (transforms?.length) byId.set('context-compression', { id: 'context-compression', isEnabled: true, options: {} });
  for (const { id, enabled, ...options } of plugins ?? []) {
    byId.set(id, { id, isEnabled: enabled !== false, options: options as JsonObject }); // validated seam: the body was JSON.
  }
  return [...byId.values()];
}

function namedModels({ model, models }: MarketRequest): Pick<Prompt, 'model' | 'modelFallbacks'> {
  const [first, ...rest] = [...(model ? [model] : []), ...(models ?? [])];
  if (!first) throw refuse('model', 'Name a model: "author/model".');
  return { model: first, modelFallbacks: [...new Set(rest)].filter((other) => other !== first) };
}

/** What a request says to the marketplace. Throws AppError('invalid_request') when it names no model. */
export function decodeMarket(request: MarketRequest): MarketFields {
  const plugins = pluginsOf(request);
  return {
    ...namedModels(request),
    preferences: decodePreferences(request),
    ...(plugins ? { plugins } : {}),
    ...(request.max_cost ? { maxCostUsd: decimalOf(request.max_cost) } : {}),
    ...(request.user ? { endUser: request.user } : {}),
    ...(request.session_id ? { sessionId: request.session_id } : {}),
  };
}

/** The fields of a body that its dialect does not know and that a provider may see. */
export function extensionsOf(body: JsonObject, wire: WireFormatId): Prompt['extensions'] {
  const extensions: Record<string, JsonValue | undefined> = {};
  for (const field in body) {
    // A field named __proto__ would set a prototype here.
    if (isKnown(field, wire) || !isForwarded(field) || field === '__proto__') continue;
    extensions[field] = body[field];
  }
  return extensions;
}

/** A client's own body, in its own order (a provider's prompt cache sees the order), less what is not for a provider and less its nulls. */
export function forwardedBody(body: JsonObject): Record<string, JsonValue | undefined> {
  const forwarded: Record<string, JsonValue | undefined> = {};
  for (const field in body) {
    const value = body[field];
    // Null means absent, and some providers refuse it. A field named __proto__ would set a prototype here.
    if (value === null || value === undefined || field === '__proto__' || !isForwarded(field)) continue;
    forwarded[field] = value;
  }
  return forwarded;
}

/** The lower of what was asked for and what we could afford; undefined when there is no cap. */
export function outputCap(prompt: Prompt, { outputTokensMax }: { outputTokensMax: number | null }): number | undefined {
  const caps = [prompt.outputTokensMax, outputTokensMax].filter((cap) => typeof cap === 'number');
  return caps.length > 0 ? Math.min(...caps) : undefined;
}
