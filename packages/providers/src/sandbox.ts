import { openaiChat, openaiResponses } from '@bourse/wire';
import { defineProvider } from './define-provider.ts';
import { embeddings, type Operations } from './operations.ts';
import type { Provider } from './provider.ts';

const operations: Operations = { embeddings };

/**
 * The sandbox market's four fictional companies. They live in apps/sandbox at `<sandbox>/providers/<id>/v1`. West bills
 * a call whether or not its caller hangs up, as several real providers do, so that both ways are exercised. Bay speaks OpenAI's Responses
 * dialect alone.
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
];
