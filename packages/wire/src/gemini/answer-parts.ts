import {
  type FoldedChoice,
  isJsonObject,
  type JsonObject,
  type Prompt,
  type ReasoningDetail,
} from '@bourse/generation';
import { parseDataUrl } from '../data-url.ts';
import { parseJson } from '../parse-json.ts';
import { sealOf } from './foreign-thoughts.ts';
import { groundingOf } from './grounding.ts';
import { encodeMedia } from './media.ts';

function signedBy(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { thoughtSignature: signature };
}

/** A text part. */
export function textPart(text: string, signature?: string): JsonObject {
  return { text, ...signedBy(signature) };
}

/** Google's own signature as it is, what other families signed or encrypted under a seal: clients of this dialect send back whatever they got. */
function signatureOf(detail: ReasoningDetail): string | undefined {
  const isOwn = detail.type === 'text' && detail.format === 'google-gemini-v1';
  return isOwn ? detail.signature : sealOf(detail);
}

/** A thought; null where there is nothing to read, and nothing to give back. */
export function thoughtPart(detail: ReasoningDetail): JsonObject | null {
  const signature = signatureOf(detail);
  const text = detail.type === 'encrypted' ? '' : detail.text;
  if (text === '' && signature === undefined) return null;
  return { text, thought: true, ...signedBy(signature) };
}

/** A call. Arguments are an object here; what a model wrote that is none is shown as it was. */
export function callPart(call: {
  callId: string;
  name: string;
  argumentsText: string;
  signature?: string;
}): JsonObject {
  const parsed = call.argumentsText.trim() === '' ? {} : parseJson(call.argumentsText);
  const args = isJsonObject(parsed) ? parsed : { _raw: call.argumentsText };
  return { functionCall: { id: call.callId, name: call.name, args }, ...signedBy(call.signature) };
}

/** A picture that the model made. */
export function imagePart(url: string): JsonObject {
  return encodeMedia({ type: 'image', url });
}

/** A piece of sound that the model made. */
export function audioPart(base64: string, { audioOutput }: Prompt): JsonObject {
  return encodeMedia({
    type: 'audio',
    base64: parseDataUrl(base64)?.base64 ?? base64,
    format: audioOutput?.format ?? 'pcm16',
  });
}

/** Thoughts are shown only to who asked for them, as Google does. */
export function showsThoughts({ source }: Prompt): boolean {
  const { generationConfig: config } = source.body;
  const thinking = isJsonObject(config) ? config['thinkingConfig'] : undefined;
  return isJsonObject(thinking) && thinking['includeThoughts'] === true;
}

function tokenOf({ token, logprob }: JsonObject): JsonObject {
  return { token: token ?? '', logProbability: logprob ?? 0 };
}

/** Entries of OpenAI's `logprobs.content` as Google's `logprobsResult`. */
export function logprobsResult(entries: readonly JsonObject[]): JsonObject {
  return {
    chosenCandidates: entries.map(tokenOf),
    topCandidates: entries.map(({ top_logprobs: tops }) => ({
      candidates: Array.isArray(tops) ? tops.filter(isJsonObject).map(tokenOf) : [],
    })),
  };
}

/** What a candidate has beside its content and its end. */
export function candidateFacts({ citations, logprobs }: Pick<FoldedChoice, 'citations' | 'logprobs'>, text: string) {
  return {
    ...(citations.length > 0 ? { groundingMetadata: groundingOf(citations, text) } : {}),
    ...(logprobs === null ? {} : { logprobsResult: logprobsResult(logprobs) }),
  };
}
