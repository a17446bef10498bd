import { hashHex } from '../../random.ts';

/** The signature of a thought: whoever changes the text, or makes one up, cannot sign it. */
export function signatureOf(text: string): string {
  return Buffer.from(`mesa-signature/${hashHex(`signed ${text}`)}`).toString('base64');
}

const SEAL = 'mesa-sealed/';

/** A thought that only its maker can read. */
export function sealedThought(text: string): string {
  return Buffer.from(`${SEAL}${hashHex(`sealed ${text}`)}`).toString('base64');
}

/** True for a blob of ours, as far as that can be told without keeping any. */
export function isSealed(base64: string): boolean {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  return text.startsWith(SEAL) && text.length === SEAL.length + 32;
}
