'use server';

import { z } from 'zod';
import { startPurchase } from '../data/credits.ts';
import { action } from './action.ts';

/** Opens a checkout for an amount in cents; answers where to pay. The bounds of the amount are the data layer's. */
export const startPurchaseAction = action(
  z.strictObject({ amountCents: z.int('Enter an amount in dollars.') }),
  'credits.purchase',
  ({ amountCents }, session) => startPurchase(session, amountCents),
);
