import type { z } from 'zod';
import { ProviderError } from '../errors.ts';

/** The JSON of a call as a schema reads it. Throws `ProviderError` 400 that names the wrong field. */
export async function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.join('.') ?? null;
  throw new ProviderError(400, { message: `${param ?? 'body'}: ${issue?.message ?? 'not valid'}`, param });
}
