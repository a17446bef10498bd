import { hash } from 'node:crypto';
import type { Caller } from './authenticate.ts';

const HEX_DIGITS = 32;

/** How a caller's end users are named to providers: the same name is the same user there, and different customers' users never are. */
export function disguiseOf({ key }: Caller): (name: string) => string {
  return (name) => `user_${hash('sha256', `${key.organizationId}\n${name}`, 'hex').slice(0, HEX_DIGITS)}`;
}
