import type { Prompt, Usage } from '@bourse/generation';

/** What chat templates add around each message, on average over the public ones. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Our own count for an answer whose provider reported none: the text of the prompt and the output that passed, by a real
 * tokenizer. Images and files count nothing here, because a guess must not be charged.
 */
export function estimateUsage(prompt: Prompt, outputText: string, countTokens: (text: string) => number): Usage {
  let input = TOKENS_PER_MESSAGE * prompt.messages.length;
  for (const message of prompt.messages) {
    for (const part of message.content) if (part.type === 'text') input += countTokens(part.text);
    if (message.role !== 'assistant') continue;
    for (const call of message.toolCalls) input += countTokens(call.name) + countTokens(call.argumentsText);
  }
  for (const tool of prompt.tools) input += countTokens(JSON.stringify(tool));
  return { input, output: countTokens(outputText) };
}
