import type { GenerationDetail } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { isGenerationId } from '@bourse/ids';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security } from './docs/schemas.ts';
import { generationSchema, generationShape } from './generation-shape.ts';

const route = createRoute({
  method: 'get',
  path: '/api/v1/generation',
  tags: ['Account'],
  summary: 'Read the record of a generation',
  description:
    'Available from the last byte of the answer on. Its receipt adds up to what was charged, to the nanodollar. Prompts and answers are never part of it.',
  security,
  request: { query: z.object({ id: z.string().min(1).openapi({ example: 'gen-1786000000-Zk3vQ0aB9xY7mN2pLr5T' }) }) },
  responses: { 200: ok(z.object({ data: generationSchema }), 'The record.'), ...errors(400, 401, 403, 404, 503) },
});

/** A generation that ended a moment ago at another gateway is on its way to the books: how long to look for it, and how often. */
const ARRIVAL_MS = 1_000;
const LOOK_MS = 50;
/** Only so young an id may still be on its way. */
const YOUNG_SECONDS = 3_600;

function isYoung(id: string, nowMs: number): boolean {
  const startedAt = Number(id.split('-')[1]);
  return isGenerationId(id) && nowMs / 1000 - startedAt < YOUNG_SECONDS;
}

/** The record, also right after the last byte of an answer, wherever that was. */
async function findSoon(ref: { id: string; organizationId: string }, deps: Deps): Promise<GenerationDetail | null> {
  const deadline = isYoung(ref.id, deps.now()) ? deps.now() + ARRIVAL_MS : 0;
  for (;;) {
    const stored = await deps.db.generations.find(ref);
    if (stored !== null || deps.now() > deadline) return stored;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** `GET /generation?id=`: one's own only; a stranger's id is as unknown as one that never was. */
export function registerGeneration(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    const { key } = await callerOf(context, 'generation.read', deps);
    const { id } = context.req.valid('query');
    const stored = await findSoon({ id, organizationId: key.organizationId }, deps);
    if (stored === null) throw new AppError('not_found', 'There is no such generation.');
    const providerName = (slug: string): string => deps.catalog().providers.get(slug)?.name ?? slug;
    return context.json({ data: generationShape(stored, providerName) }, 200);
  });
}
