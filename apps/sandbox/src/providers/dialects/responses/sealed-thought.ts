import { createHmac, timingSafeEqual } from 'node:crypto';

/** The company's own secret: nobody else can read or write its thoughts. It guards play money only. */
const SECRET = 'sandbox-bay';

function sealOf(id: string, body: string): string {
  return createHmac('sha256', SECRET).update(`${id}.${body}`).digest('base64url');
}

/** A thought as its maker alone can read it again, bound to the item that carries it. */
export function sealThought(id: string, thought: string): string {
  const body = Buffer.from(thought, 'utf8').toString('base64url');
  return `gAAA.${body}.${sealOf(id, body)}`;
}

/** The thought behind a seal; null when it was altered, or moved to another item. */
export function openThought(id: string, sealed: string): string | null {
  const [mark, body = '', seal = ''] = sealed.split('.');
  const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(id, body))];
  if (mark !== 'gAAA' || given.length !== right.length || !timingSafeEqual(given, right)) return null;
  return Buffer.from(body, 'base64url').toString('utf8');
}
