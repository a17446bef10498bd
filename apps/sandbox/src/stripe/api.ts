import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { randomId } from '../identifiers.ts';
import { expandObject } from './expand.ts';
import { StripeFailure } from './failure.ts';
import { parseForm } from './form.ts';
import { type Call, createReaders, createWriters, type Handler } from './handlers.ts';
import { findReplay, keepReplay } from './idempotency.ts';
import { API_VERSION } from './objects.ts';
import { type StripeDeps, seconds } from './sessions.ts';

/** Where a browser reaches the sandbox, for the link to the checkout page. */
export type BaseUrl = (request: Request) => string;

const BODY_BYTES_MAX = 1024 * 1024;

/** The secret key of the request, which must be a test key. The SDK sends Bearer; curl's `-u key:` is Basic. */
function authenticate(authorization: string | undefined): string {
  const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  const basic = /^Basic (\S+)$/i.exec(authorization ?? '')?.[1];
  const key = bearer ?? (basic === undefined ? '' : (Buffer.from(basic, 'base64').toString().split(':')[0] ?? ''));
  if (key.startsWith('sk_test_')) return key;
  const message =
    key === ''
      ? 'You did not provide an API key. Send it in the Authorization header, using Bearer auth.'
      : `Invalid API Key provided: ${key.slice(0, 8)}****. The sandbox takes keys that begin with sk_test_.`;
  throw new StripeFailure(401, { type: 'invalid_request_error', message });
}

function respond(status: number, bodyText: string, headers: Readonly<Record<string, string>>): Response {
  const common = { 'content-type': 'application/json', 'stripe-version': API_VERSION };
  return new Response(bodyText, { status, headers: { ...common, ...headers } });
}

function refuse(error: unknown): Response {
  const headers = { 'request-id': randomId('req_', 14) };
  if (error instanceof StripeFailure) return respond(error.status, JSON.stringify({ error: error.error }), headers);
  console.error(error);
  return respond(500, JSON.stringify({ error: { type: 'api_error', message: 'The sandbox itself failed.' } }), headers);
}

function answerOf(handler: Handler, call: Call, deps: StripeDeps): string {
  const { expand } = call.form;
  const paths = Array.isArray(expand) ? expand.filter((path) => typeof path === 'string') : [];
  return JSON.stringify(expandObject(deps.store, handler(call), paths));
}

/** A request to change something. `key` is its idempotency key, which is `owner`'s own. */
type Write = {
  readonly key: string | undefined;
  readonly owner: string;
  readonly fingerprint: string;
  readonly run: () => string;
};

/** Runs a write once per idempotency key; again, the first answer comes back with `Idempotent-Replayed`. */
function writeOnce({ key, owner, fingerprint, run }: Write, deps: StripeDeps): Response {
  const requestId = randomId('req_', 14);
  if (key === undefined) return respond(200, run(), { 'request-id': requestId });
  const id = `${owner} ${key}`;
  const replay = findReplay(deps.store, { id, fingerprint });
  if (replay !== undefined) {
    const headers = { 'request-id': requestId, 'original-request': replay.requestId, 'idempotent-replayed': 'true' };
    return respond(replay.status, replay.bodyText, { ...headers, 'idempotency-key': key });
  }
  // A refusal is not kept: as at Stripe, a request whose parameters were wrong may come again with the same key.
  const bodyText = run();
  keepReplay(deps.store, { id, fingerprint, status: 200, bodyText, requestId, at: seconds(deps) });
  return respond(200, bodyText, { 'request-id': requestId, 'idempotency-key': key });
}

/** Stripe's API, to be mounted where the SDK looks for it (`/v1`) and beside the checkout page (`/stripe/v1`). */
export function createStripeApi(deps: StripeDeps, baseUrl: BaseUrl) {
  const api = new Hono<{ Variables: { key: string } }>();
  api.onError(refuse);
  api.use('*', async (c, next) => {
    c.set('key', authenticate(c.req.header('authorization')));
    await next();
  });
  const onError = () => {
    throw new StripeFailure(413, { type: 'invalid_request_error', message: 'The request is too large.' });
  };
  api.use('*', bodyLimit({ maxSize: BODY_BYTES_MAX, onError }));

  for (const [path, handler] of Object.entries(createReaders(deps))) {
    api.get(path, async (c) => {
      const form = parseForm(new URL(c.req.url).search);
      const answer = answerOf(handler, { form, id: c.req.param('id') ?? '', baseUrl: baseUrl(c.req.raw) }, deps);
      // A read can expire a session.
      await deps.store.flush();
      return respond(200, answer, { 'request-id': randomId('req_', 14) });
    });
  }
  for (const [path, handler] of Object.entries(createWriters(deps))) {
    api.post(path, async (c) => {
      const bodyText = await c.req.text();
      const call = { form: parseForm(bodyText), id: c.req.param('id') ?? '', baseUrl: baseUrl(c.req.raw) };
      const write = {
        key: c.req.header('idempotency-key'),
        owner: c.get('key'),
        fingerprint: createHash('sha256').update(`${c.req.path}\n${bodyText}`).digest('hex'),
        run: () => answerOf(handler, call, deps),
      };
      const response = writeOnce(write, deps);
      await deps.store.flush();
      return response;
    });
  }
  api.all('*', (c) => {
    const message = `Unrecognized request URL (${c.req.method}: ${c.req.path}). The sandbox simulates a part of Stripe.`;
    throw new StripeFailure(404, { type: 'invalid_request_error', message });
  });
  return api;
}
