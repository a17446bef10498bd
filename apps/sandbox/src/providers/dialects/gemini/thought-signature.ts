import { createHmac, timingSafeEqual } from 'node:crypto';
import { hashHex } from '../../random.ts';

/** The company's own secret: nobody else can sign its thoughts. It guards play money only. */
const SECRET = 'sandbox-gulf';

/** What stands in for a signature where a call is another model's (https://ai.google.dev/gemini-api/docs/thought-signatures, read 2026-11). */
const STAND_INS: ReadonlySet<string> = new Set([
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

/** Where a signature was given out: with the call of this function, or with text. */
export type SignedPlace = { readonly functionName: string } | 'text';

const THOUGHT_LENGTH = 32;

function sealOf(place: SignedPlace, thought: string): string {
  const word = place === 'text' ? place : `call ${place.functionName}`;
  return createHmac('sha256', SECRET).update(`${word} ${thought}`).digest('hex');
}

/** The thought behind a part, as only its maker can read it, in base64. It holds for that place alone. */
export function signThought(place: SignedPlace, reasoning: string): string {
  const thought = hashHex(`thought ${reasoning}`);
  return Buffer.from(thought + sealOf(place, thought)).toString('base64');
}

/** False for a signature that was altered, made up, or moved to another function or from text to a call. */
export function isSignatureGood(place: SignedPlace, signature: string): boolean {
  if (STAND_INS.has(signature)) return true;
  const text = Buffer.from(signature, 'base64').toString('utf8');
  const thought = text.slice(0, THOUGHT_LENGTH);
  const [given, right] = [Buffer.from(text.slice(THOUGHT_LENGTH)), Buffer.from(sealOf(place, thought))];
  return given.length === right.length && timingSafeEqual(given, right);
}
