import { openaiChat } from '@bourse/wire';
import { defineProvider } from './define-provider.ts';
import type { Provider } from './provider.ts';

/**
 * The sandbox market's three fictional companies. They live in apps/sandbox at `<sandbox>/providers/<id>/v1`. West bills
 * a call whether or not its caller hangs up, as several real providers do, so that both ways are exercised.
 */
export const sandboxProviders: readonly Provider[] = [
  defineProvider({
    id: 'sandbox-north',
    name: 'Northwind Sandbox',
    wire: openaiChat,
    baseUrl: null,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-south',
    name: 'Southport Sandbox',
    wire: openaiChat,
    baseUrl: null,
    onCancel: 'stops_billing',
  }),
  defineProvider({
    id: 'sandbox-west',
    name: 'Westlake Sandbox',
    wire: openaiChat,
    baseUrl: null,
    onCancel: 'bills_anyway',
  }),
];
