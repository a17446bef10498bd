import 'server-only';
import { listModels } from './catalog.ts';

/** A model as the command palette needs it. */
export type PaletteModel = { slug: string; name: string; authorName: string };

/** Every model, most used first. */
export async function paletteModels(): Promise<readonly PaletteModel[]> {
  const models = await listModels();
  return models.map(({ slug, name, author }) => ({ slug, name, authorName: author.name }));
}
