import type { Endpoint } from '@bourse/catalog';
import type { ContentPart, Prompt } from '@bourse/generation';

/** Role markers and separators of a chat template; the longest public ones take fewer than 16 tokens a message. */
const TOKENS_PER_MESSAGE_MAX = 16;
/** Hidden preambles: the opening of the template and the instructions that providers add when there are tools. */
const TOKENS_PER_PROMPT_MAX = 64;
const TOKENS_FOR_TOOLS_MAX = 1024;
/** The dearest public image formula: 8 tiles of a small OpenAI model, 2,833 + 8 x 5,667 tokens. */
const TOKENS_PER_IMAGE_MAX = 48_169;
const TOKENS_PER_SMALL_IMAGE_MAX = 2_833;

/** Nearly all text has three bytes per token or more; 15 % are added for dense scripts and code. */
const TOKENS_PER_THOUSAND_BYTES = 1_150 / 3;

function imageTokensOf(part: ContentPart): number {
  if (part.type !== 'image') return 0;
  return part.detail === 'low' ? TOKENS_PER_SMALL_IMAGE_MAX : TOKENS_PER_IMAGE_MAX;
}

function imageTokensMax(prompt: Prompt): number {
  let tokens = 0;
  for (const message of prompt.messages) {
    for (const part of message.content) tokens += imageTokensOf(part);
  }
  return tokens;
}

/** True when a message of the prompt has content of this kind. */
function hasPart(prompt: Prompt, type: ContentPart['type']): boolean {
  return prompt.messages.some((message) => message.content.some((part) => part.type === type));
}

/** True when the model reads content of this kind: in a message, or as what an operation works on. */
export function reads(prompt: Prompt, type: 'audio' | 'image'): boolean {
  if (prompt.operation === undefined) return hasPart(prompt, type);
  return prompt.operation === (type === 'audio' ? 'transcription' : 'images');
}

/** Texts by the hundred, each of them within the context. */
function readsManyTexts({ operation }: Prompt): boolean {
  return operation === 'embeddings' || operation === 'rerank';
}

function withOverhead(bytesAsTokens: number, prompt: Prompt, endpoint: Endpoint): number {
  const overhead =
    TOKENS_PER_PROMPT_MAX +
    TOKENS_PER_MESSAGE_MAX * (prompt.messages.length + prompt.tools.length) +
    (prompt.tools.length > 0 ? TOKENS_FOR_TOOLS_MAX : 0);
  if (readsManyTexts(prompt)) return bytesAsTokens + overhead;
  // A provider refuses what does not fit its context, so the context bounds every prompt that costs anything.
  return Math.min(bytesAsTokens + overhead + imageTokensMax(prompt), endpoint.contextTokensMax);
}

/** More input tokens than a prompt can have at an endpoint: no tokenizer makes more tokens than there are bytes. */
export function strictInputTokens(prompt: Prompt, endpoint: Endpoint): number {
  return withOverhead(prompt.inputBytes, prompt, endpoint);
}

/**
 * More input tokens than nearly every prompt has at an endpoint: a third of its bytes and 15 %. For when the strict bound is more than
 * can be paid. Audio and files are weighed in tokens already, so a prompt with them has no lower bound than the strict one; nor has an
 * operation, whose input may be tokens.
 */
export function calibratedInputTokens(prompt: Prompt, endpoint: Endpoint): number {
  if (prompt.operation !== undefined || hasPart(prompt, 'audio') || hasPart(prompt, 'file'))
    return strictInputTokens(prompt, endpoint);
  return withOverhead(Math.ceil((prompt.inputBytes * TOKENS_PER_THOUSAND_BYTES) / 1_000), prompt, endpoint);
}
