import 'server-only';
import { env } from '../env.ts';

/** The address of the API as visitors write it into their programs. Ends in `/api/v1`. */
export function publicApiUrl(): string {
  const { BOURSE_PUBLIC_API_URL, BOURSE_GATEWAY_URL } = env();
  return BOURSE_PUBLIC_API_URL ?? `${BOURSE_GATEWAY_URL}/api/v1`;
}
