import { bedrockConverse, openaiChat, openaiResponses } from '@bourse/wire';
import { authorizeBedrock, conversePath } from './amazon-bedrock.ts';
import { anthropicApi } from './anthropic.ts';
import { defineProvider } from './define-provider.ts';
import { aiStudioApi } from './google-ai-studio.ts';
import { embeddings, images, type Operations, rerank, speech, transcription } from './operations.ts';
import type { Provider } from './provider.ts';

const operations: Operations = { embeddings, rerank, images, speech, transcription };

/**
 * The sandbox market's fictional companies. They live in apps/sandbox at `<sandbox>/providers/<id>/v1`. West bills
 * a call whether or not its caller hangs up, as several real providers do, so that both ways are exercised. Bay speaks OpenAI's Responses
 * dialect alone, East Anthropic's messages, Gulf Google's generateContent, and Mesa Bedrock's Converse with models that think and sign as Claude does.
 */
export const sandboxProviders: readonly Provider[] = [
  defineProvider({
    id: 'sandbox-north',
    name: 'Northwind Sandbox',
    wire: openaiChat,
    baseUrl: null,
    operations,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-south',
    name: 'Southport Sandbox',
    wire: openaiChat,
    baseUrl: null,
    operations,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-west',
    name: 'Westlake Sandbox',
    wire: openaiChat,
    baseUrl: null,
    operations,
    onCancel: 'bills_anyway',
  }),
  defineProvider({
    id: 'sandbox-bay',
    name: 'Baywater Sandbox',
    wire: openaiResponses,
    path: () => '/responses',
    baseUrl: null,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-east',
    name: 'Eastgate Sandbox',
    ...anthropicApi,
    baseUrl: null,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-gulf',
    name: 'Gulfstream Sandbox',
    ...aiStudioApi,
    baseUrl: null,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-mesa',
    name: 'Mesa Sandbox',
    wire: bedrockConverse({
      family: 'claude',
      thinking: 'budget',
      toolChoices: 'all',
      hasOutputConfig: false,
      hasCachePoints: true,
      sampling: 'all',
    }),
    path: conversePath,
    baseUrl: null,
    onCancel: 'bills_anyway',
    authorize: authorizeBedrock,
  }),
];
