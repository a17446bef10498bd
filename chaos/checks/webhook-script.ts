import { openDatabase, type StripeEventFacts } from '@bourse/db';

// What the webhook route does with an event whose signature is right, in a process of its own that can be killed.

// The check that starts this wrote the text a moment ago.
const facts = JSON.parse(process.env['CHAOS_FACTS'] ?? '') as StripeEventFacts;
const db = openDatabase({ url: process.env['DATABASE_URL'] ?? '', applicationName: 'bourse-chaos-webhook' });
const result = await db.payments.recordStripeEventAndGrant(facts, { isLivemode: false });
console.log(result.kind);
await db.close();
