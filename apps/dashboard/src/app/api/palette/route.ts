import { paletteModels } from '../../../data/palette.ts';

export const dynamic = 'force-dynamic';

/** What the command palette searches: `[{ slug, name, authorName }]`. Public, and the same for everybody. */
export async function GET(): Promise<Response> {
  return Response.json(await paletteModels(), { headers: { 'cache-control': 'public, max-age=60' } });
}
