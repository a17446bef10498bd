import type { JsonObject, Prompt } from '@bourse/generation';
import { openaiChat } from '@bourse/wire';
import { forCompatibleServer, isThinkingWanted, without, withReasoningContent } from './adjust-body.ts';
import { defineProvider } from './define-provider.ts';

/** Thinking is a switch and a budget of tokens here ("Deep thinking" in Model Studio's guide, read 2026-11). */
function adjustBody(body: JsonObject, prompt: Prompt): JsonObject {
  const isWanted = isThinkingWanted(prompt);
  const budget = prompt.reasoning?.tokensMax;
  return {
    ...withReasoningContent(without(forCompatibleServer(body), ['reasoning_effort'])),
    ...(isWanted === undefined ? {} : { enable_thinking: isWanted }),
    ...(budget === undefined ? {} : { thinking_budget: budget }),
  };
}

/** https://www.alibabacloud.com/help/en/model-studio, read 2026-11. Hanging up does not stop the bill (OpenRouter's list). */
export const alibaba = defineProvider({
  id: 'alibaba',
  name: 'Alibaba Cloud',
  wire: openaiChat,
  isRebuilt: true,
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  onCancel: 'bills_anyway',
  adjustBody,
});
