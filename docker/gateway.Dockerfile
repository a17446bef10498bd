# syntax=docker/dockerfile:1.7
# The gateway: the data plane under /api/v1.
# Build from the repository's root: docker build --file docker/gateway.Dockerfile --tag bourse-gateway .
FROM node:24.21.0-bookworm-slim AS base
RUN npm install --global pnpm@10.34.8
WORKDIR /app
COPY . .

# The Prisma client is generated, not committed. What generates it stays in this stage.
FROM base AS client
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
  pnpm install --frozen-lockfile --filter bourse --filter "@bourse/db..." && node scripts/prisma-generate.ts

# Only what this app needs at run time; the embedded PostgreSQL is optional and stays out.
FROM base AS dependencies
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
  pnpm install --frozen-lockfile --prod --no-optional --filter "@bourse/gateway..."

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/packages ./packages
COPY --from=dependencies /app/apps/gateway ./apps/gateway
COPY --from=dependencies /app/prisma/migrations ./prisma/migrations
COPY --from=client /app/packages/db/src/generated ./packages/db/src/generated
# Charges that are durable and not yet in the database: the volume must outlive the container.
ENV GATEWAY_SPOOL_DIR=/var/lib/bourse/spool
RUN mkdir -p /var/lib/bourse/spool && chown node:node /var/lib/bourse/spool
VOLUME /var/lib/bourse/spool
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches it and running work is finished.
CMD ["node", "--max-semi-space-size=64", "apps/gateway/src/main.ts"]
