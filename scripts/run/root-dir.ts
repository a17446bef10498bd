import { fileURLToPath } from 'node:url';

/** The repository's root, absolute and without a trailing slash. */
export const rootDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
