import { createLoader, createSerializer, parseAsString } from 'nuqs/server';

const creditsParams = {
  /** The purchase that its buyer comes back from. */
  topup: parseAsString,
  /** Where the page of the ledger begins. */
  cursor: parseAsString,
};

/** Reads the state of the page from its URL. */
export const loadCreditsParams = createLoader(creditsParams);

/** Writes a link to the page in another state. */
export const creditsHref = createSerializer(creditsParams);
