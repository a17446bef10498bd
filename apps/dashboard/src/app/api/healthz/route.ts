/** Liveness: this process answers. Says nothing about the database, so that an outage there restarts nothing here. */
export const dynamic = 'force-dynamic';

/** 200 with `{ "status": "ok" }`. */
export function GET(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
}
