import type { UsageEstimate } from '@bourse/billing';
import { type Prompt, reasoningText } from '@bourse/generation';
import type { TokenCounter } from '../tokenizer.ts';
import type { MeteredOutput } from './output-sample.ts';

/** What chat templates add around each message, on average over the public ones. */
const TOKENS_PER_MESSAGE = 4;
/** English prose has four to five bytes per token, code and other scripts three. */
const BYTES_PER_TOKEN = 4;

function textsOf(prompt: Prompt): string[] {
  const texts: string[] = [];
  for (const message of prompt.messages) {
    for (const part of message.content) if (part.type === 'text') texts.push(part.text);
    if (message.role !== 'assistant') continue;
    texts.push(reasoningText(message.reasoning));
    for (const call of message.toolCalls) texts.push(call.name, call.argumentsText);
  }
  for (const tool of prompt.tools) texts.push(JSON.stringify(tool));
  return texts;
}

/** Our own count of what a prompt says, by a real tokenizer. Pictures and files count nothing: nobody could check a guess. */
export async function estimateInput(prompt: Prompt, counter: TokenCounter): Promise<number> {
  return TOKENS_PER_MESSAGE * prompt.messages.length + (await counter.count(textsOf(prompt)));
}

/**
 * Our own count for an answer whose provider reported none: the text of the prompt and the output that passed, by a real
 * tokenizer. Of a long output the rest is taken to be like the beginning. Images and files count nothing here, because a guess must
 * not be charged.
 */
export async function estimateUsage(
  prompt: Prompt,
  output: MeteredOutput,
  counter: TokenCounter,
): Promise<UsageEstimate> {
  const input = await estimateInput(prompt, counter);
  const counted = await counter.count([output.text]);
  const share = output.text === '' ? 1 : output.characters / output.text.length;
  return { usage: { input, output: Math.ceil(counted * share) }, method: counter.method };
}

/** What a provider may bill us for an answer that nobody else pays for: from sizes alone, because only our own books need it. */
export function roughUsage(
  { inputBytes, ownCount }: Pick<Prompt, 'inputBytes' | 'ownCount'>,
  output: MeteredOutput,
): UsageEstimate {
  const input = Math.ceil(inputBytes / BYTES_PER_TOKEN);
  const tokens = { input, output: Math.ceil(output.characters / BYTES_PER_TOKEN) };
  return { usage: { ...tokens, ...ownCount?.units }, method: 'bytes' };
}
