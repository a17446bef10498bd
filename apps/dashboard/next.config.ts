import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const workspaceRoot = fileURLToPath(new URL('../..', import.meta.url));

const nextConfig: NextConfig = {
  // Workspace packages export TypeScript sources.
  transpilePackages: ['@bourse/ui'],
  output: 'standalone',
  outputFileTracingRoot: workspaceRoot,
  turbopack: { root: workspaceRoot },
  poweredByHeader: false,
  reactStrictMode: true,
  // `pnpm check` runs `tsc` over this app with every strict flag; a second pass in the build would only take time.
  typescript: { ignoreBuildErrors: true },
};

export default nextConfig;
