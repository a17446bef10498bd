# syntax=docker/dockerfile:1.7
# The sandbox: providers, Stripe and mail, simulated. For trials and tests; it does not start as production.
# Build from the repository's root: docker build --file docker/sandbox.Dockerfile --tag bourse-sandbox .
FROM node:24.21.0-bookworm-slim AS dependencies
RUN npm install --global pnpm@10.34.8
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
  pnpm install --frozen-lockfile --prod --no-optional --filter "@bourse/sandbox..."

FROM node:24.21.0-bookworm-slim
ENV SANDBOX_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/packages ./packages
COPY --from=dependencies /app/apps/sandbox ./apps/sandbox
USER node
EXPOSE 4010 4025
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4010/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches it and state is written.
CMD ["node", "apps/sandbox/src/main.ts"]
