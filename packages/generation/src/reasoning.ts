/** Whose reasoning it is, in OpenRouter's vocabulary: only the same family can read a signature or an encrypted blob again. */
export const reasoningFormats = [
  'unknown',
  'openai-responses-v1',
  'azure-openai-responses-v1',
  'bedrock-openai-responses-v1',
  'xai-responses-v1',
  'bedrock-xai-responses-v1',
  'meta-responses-v1',
  'anthropic-claude-v1',
  'google-gemini-v1',
] as const;

/** One of them. */
export type ReasoningFormat = (typeof reasoningFormats)[number];

/** A piece of what a model thought in an earlier turn, as a client replays it. Order matters, and nothing of it may be edited. */
export type ReasoningDetail =
  | {
      readonly type: 'text';
      readonly text: string;
      readonly signature?: string;
      readonly id?: string;
      readonly format: ReasoningFormat;
    }
  | { readonly type: 'summary'; readonly text: string; readonly id?: string; readonly format: ReasoningFormat }
  | { readonly type: 'encrypted'; readonly data: string; readonly id?: string; readonly format: ReasoningFormat };

/** The words of reasoning that a person may read. */
export function reasoningText(details: readonly ReasoningDetail[]): string {
  let text = '';
  for (const detail of details) text += detail.type === 'encrypted' ? '' : detail.text;
  return text;
}
