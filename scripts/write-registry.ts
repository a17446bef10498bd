import { join } from 'node:path';
import { writeRegistry } from './registry/provider-registry.ts';
import { rootDir } from './run/root-dir.ts';

// `pnpm generate`: a provider is one file; this makes it known.

writeRegistry(join(rootDir, 'packages/providers/src'));
console.log('packages/providers/src/registry.generated.ts is written.');
