# syntax=docker/dockerfile:1.7
# The dashboard: the site. Its build holds no setting and no secret; one image serves every configuration.
# Build from the repository's root: docker build --file docker/dashboard.Dockerfile --tag bourse-dashboard .
FROM node:24.21.0-bookworm-slim AS build
ENV BOURSE_STANDALONE=1 NEXT_TELEMETRY_DISABLED=1
RUN npm install --global pnpm@10.34.8
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
  pnpm install --frozen-lockfile --filter bourse --filter "@bourse/dashboard..." && node scripts/prisma-generate.ts
RUN pnpm --filter @bourse/dashboard build

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/apps/dashboard/.next/standalone ./
COPY --from=build /app/apps/dashboard/.next/static ./apps/dashboard/.next/static
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/dashboard/server.js"]
