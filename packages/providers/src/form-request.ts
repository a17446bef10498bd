import type { JsonObject, JsonValue, Upload } from '@bourse/generation';

function append(form: FormData, name: string, value: JsonValue): void {
  if (Array.isArray(value)) for (const entry of value) append(form, `${name}[]`, entry);
  else if (typeof value === 'object' && value !== null) form.append(name, JSON.stringify(value));
  else if (value !== null) form.append(name, String(value));
}

/** Fields and a file as `multipart/form-data`, written by the platform: its bytes, and the media type with their boundary. */
export async function encodeForm(
  fields: JsonObject,
  { name, type, bytes }: Upload,
): Promise<{ readonly contentType: string; readonly bytes: Uint8Array }> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) append(form, field, value);
  // A copy of its own: what a Blob is made of must not be shared memory.
  form.append('file', new Blob([new Uint8Array(bytes)], { type }), name);
  const encoded = new Response(form);
  return { contentType: encoded.headers.get('content-type') ?? '', bytes: await encoded.bytes() };
}
