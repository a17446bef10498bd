import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';
import { buildEnv } from './src/env.ts';

const workspaceRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Sent with every answer. The Content-Security-Policy of pages, which needs a nonce, is set in src/proxy.ts. */
const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), browsing-topics=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
];

const nextConfig: NextConfig = {
  ...(buildEnv().isStandalone ? { output: 'standalone' as const } : {}),
  outputFileTracingRoot: workspaceRoot,
  turbopack: { root: workspaceRoot },
  poweredByHeader: false,
  reactStrictMode: true,
  // `pnpm check` runs `tsc` over this app with every strict flag; a second pass in the build would only take time.
  typescript: { ignoreBuildErrors: true },
  // The short addresses that people type and remember.
  redirects: async () => [
    { source: '/keys', destination: '/settings/keys', permanent: false },
    { source: '/credits', destination: '/settings/credits', permanent: false },
  ],
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
};

export default nextConfig;
