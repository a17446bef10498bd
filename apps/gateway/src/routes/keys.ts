import { hourlyRule, rateLimitError } from '@bourse/access';
import type { ApiKeyChanges, ApiKeyRecord } from '@bourse/db';
import { AppError, invariant } from '@bourse/errors';
import { createRoute, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { readJson } from '../generate/parse.ts';
import { collect } from '../http/collect.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security } from './docs/schemas.ts';
import { checkBody, keyChangesSchema, newKeySchema } from './key-bodies.ts';
import { managedKey, managedKeySchema } from './key-shape.ts';
import { workspaceIdOf } from './workspace-id.ts';

const PAGE_KEYS = 100;
const OFFSET_MAX = 1_000_000;
const BODY_BYTES_MAX = 16 * 1024;

const tags = ['API keys'];
const one = z.object({ data: managedKeySchema });
const byHash = { params: z.object({ hash: z.string() }) };
const bodyOf = (schema: z.ZodType) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/keys',
  tags,
  summary: 'List the API keys of the organization',
  description: `Takes a management key. Newest first, ${PAGE_KEYS} at a time; management keys are not listed.`,
  security,
  request: {
    query: z.object({
      include_disabled: z.enum(['true', 'false']).optional(),
      offset: z.coerce.number().int().min(0).max(OFFSET_MAX).optional(),
      workspace_id: z.string().optional(),
    }),
  },
  responses: {
    200: ok(z.object({ data: z.array(managedKeySchema) }), 'The keys.'),
    ...errors(400, 401, 403, 404, 503),
  },
});

const createDoc: RouteConfig = {
  method: 'post',
  path: '/api/v1/keys',
  tags,
  summary: 'Create an API key',
  description: 'Takes a management key. `key` is the text of the new key: it is in this answer and nowhere else, ever.',
  security,
  request: bodyOf(newKeySchema),
  responses: {
    201: ok(one.extend({ key: z.string().openapi({ example: 'sk-brs-v1-…' }) }), 'The key and its text.'),
    ...errors(400, 401, 403, 404, 413, 415, 429, 503),
  },
};

const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/keys/{hash}',
  tags,
  summary: 'Read an API key',
  security,
  request: byHash,
  responses: { 200: ok(one, 'The key.'), ...errors(401, 403, 404, 503) },
});

const changeDoc: RouteConfig = {
  method: 'patch',
  path: '/api/v1/keys/{hash}',
  tags,
  summary: 'Change an API key',
  description:
    'Absent fields stay as they are. A limit below what is used refuses new requests at once; running ones finish.',
  security,
  request: { ...byHash, ...bodyOf(keyChangesSchema) },
  responses: { 200: ok(one, 'The key as it is now.'), ...errors(400, 401, 403, 404, 413, 415, 503) },
};

const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/keys/{hash}',
  tags,
  summary: 'Delete an API key',
  description: 'For good. What it did stays in the activity.',
  security,
  request: byHash,
  responses: { 200: ok(z.object({ deleted: z.literal(true) }), 'It is gone.'), ...errors(401, 403, 404, 503) },
});

async function bodyIn(context: Context<AppEnv>): Promise<unknown> {
  const { incoming } = context.env;
  const header = (name: string): string | null => context.req.header(name) ?? null;
  return readJson({ header, readBody: (bytesMax) => collect(incoming, bytesMax) }, BODY_BYTES_MAX);
}

/** One answer for unknown, deleted, foreign and management keys: nobody learns which. */
function noSuchKey(): AppError {
  return new AppError('not_found', 'There is no such API key.');
}

function assertWorkspace(workspaceId: string | undefined, organizationId: string): void {
  if (workspaceId !== undefined && workspaceId !== workspaceIdOf(organizationId))
    throw new AppError('not_found', 'There is no such workspace.');
}

function assertFuture(expiresAt: Date | null | undefined, nowMs: number): void {
  if (expiresAt && expiresAt.getTime() <= nowMs)
    throw new AppError('invalid_request', 'expires_at: must be in the future.', { metadata: { path: 'expires_at' } });
}

/** The inference key that a path names. Throws `not_found`. */
async function ownKey(context: Context<AppEnv>, organizationId: string, deps: Deps): Promise<ApiKeyRecord> {
  const record = await deps.db.keys.findOwnByHash({ hash: context.req.param('hash') ?? '', organizationId });
  if (record?.kind !== 'inference') throw noSuchKey();
  return record;
}

async function described(record: ApiKeyRecord, deps: Deps) {
  return { data: managedKey(record, await deps.db.keys.usage(record.id)) };
}

async function creatorOf(
  userId: string | null | undefined,
  organizationId: string,
  deps: Deps,
): Promise<string | null> {
  if (userId === undefined || userId === null) return null;
  const membership = await deps.db.organizations.membership({ userId, organizationId });
  if (membership !== null) return userId;
  throw new AppError('invalid_request', 'creator_user_id: must be a member of the organization.', {
    metadata: { path: 'creator_user_id' },
  });
}

/** So many an hour, over all gateways and dashboards. */
async function countCreation(organizationId: string, { db, limits, now, draw }: Deps): Promise<void> {
  const rule = hourlyRule(limits.keysPerHour);
  if (rule === null) return;
  const waitMs = (await db.limits.take(`key_creation:${organizationId}`, rule)) / 1_000;
  if (waitMs === 0) return;
  const resetsAtMs = now() + waitMs;
  throw rateLimitError({ source: 'key_creation', limit: rule.limit, waitMs, resetsAtMs, draw: draw() });
}

async function create(context: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { key: own } = await callerOf(context, 'keys.manage', deps);
  const { organizationId } = own;
  if (own.organizationIsFrozen)
    throw new AppError('organization_frozen', 'This organization is frozen: it can make no keys.');
  const draft = checkBody(newKeySchema, await bodyIn(context));
  assertWorkspace(draft.workspace_id, organizationId);
  assertFuture(draft.expires_at, deps.now());
  await countCreation(organizationId, deps);
  const { record, plaintext } = await deps.db.keys.create({
    organizationId,
    createdByUserId: (await creatorOf(draft.creator_user_id, organizationId, deps)) ?? own.createdByUserId,
    kind: 'inference',
    name: draft.name,
    limit: draft.limit ?? null,
    limitReset: draft.limit_reset ?? null,
    includeByokInLimit: draft.include_byok_in_limit ?? false,
    expiresAt: draft.expires_at ?? null,
  });
  const body = { ...(await described(record, deps)), key: plaintext };
  return context.json(body, 201, { 'cache-control': 'no-store' });
}

function changesIn(body: z.infer<typeof keyChangesSchema>): ApiKeyChanges {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.disabled === undefined ? {} : { isDisabled: body.disabled }),
    ...(body.limit === undefined ? {} : { limit: body.limit }),
    ...(body.limit_reset === undefined ? {} : { limitReset: body.limit_reset }),
    ...(body.include_byok_in_limit === undefined ? {} : { includeByokInLimit: body.include_byok_in_limit }),
    ...(body.expires_at === undefined ? {} : { expiresAt: body.expires_at }),
  };
}

async function change(context: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { key: own } = await callerOf(context, 'keys.manage', deps);
  const changes = changesIn(checkBody(keyChangesSchema, await bodyIn(context)));
  assertFuture(changes.expiresAt, deps.now());
  const record = await ownKey(context, own.organizationId, deps);
  const changed = Object.keys(changes).length === 0 ? record : await deps.db.keys.update(record, changes);
  if (changed === null) throw noSuchKey();
  // The notice is on its way to every gateway; this one need not wait for it.
  deps.keys.invalidate(changed.hash);
  return context.json(await described(changed, deps), 200);
}

/** Keys managed by programs: `GET` and `POST /keys`, `GET`, `PATCH` and `DELETE /keys/{hash}`, all with a management key. */
export function registerKeys(app: GatewayApp, deps: Deps): void {
  app.openapi(listRoute, async (context) => {
    const { key: own } = await callerOf(context, 'keys.manage', deps);
    const { include_disabled, offset = 0, workspace_id } = context.req.valid('query');
    assertWorkspace(workspace_id, own.organizationId);
    const records = await deps.db.keys.listInference({
      organizationId: own.organizationId,
      includeDisabled: include_disabled === 'true',
      offset,
      limit: PAGE_KEYS,
    });
    const usages = await deps.db.keys.usages(records.map(({ id }) => id));
    const data = records.map((record) => {
      const usage = usages.get(record.id);
      invariant(usage, `no usage for the key ${record.id}`);
      return managedKey(record, usage);
    });
    return context.json({ data }, 200);
  });
  app.openAPIRegistry.registerPath(createDoc);
  app.post('/api/v1/keys', (context) => create(context, deps));
  app.openapi(getRoute, async (context) => {
    const { key: own } = await callerOf(context, 'keys.manage', deps);
    return context.json(await described(await ownKey(context, own.organizationId, deps), deps), 200);
  });
  app.openAPIRegistry.registerPath(changeDoc);
  app.patch('/api/v1/keys/:hash', (context) => change(context, deps));
  app.openapi(deleteRoute, async (context) => {
    const { key: own } = await callerOf(context, 'keys.manage', deps);
    const record = await ownKey(context, own.organizationId, deps);
    if (!(await deps.db.keys.revoke(record))) throw noSuchKey();
    deps.keys.invalidate(record.hash);
    return context.json({ deleted: true as const }, 200);
  });
}
