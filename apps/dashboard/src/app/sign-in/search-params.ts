import { createLoader, parseAsString } from 'nuqs/server';

/** What next-auth and our own pages say to the sign-in page. */
export const loadSignInParams = createLoader({
  callbackUrl: parseAsString,
  error: parseAsString,
});
