import { AppError } from '@bourse/errors';
import type { JsonObject, JsonValue, Upload } from '@bourse/generation';
import { Busboy } from '@fastify/busboy';

/** More fields, and longer ones, than any API has. */
const FIELDS_MAX = 64;
const FIELD_BYTES_MAX = 64 * 1024;
const NAME_BYTES_MAX = 200;
/** A form of the largest size is taken apart within a tenth of this. */
const SILENCE_MS = 2_000;
/** The name under which a form carries its file. */
const FILE = 'file';

/** A form, taken apart. A name that comes more than once is a list. */
export interface Form {
  readonly fields: JsonObject;
  readonly upload: Upload | null;
}

function refused(message: string, path = ''): AppError {
  return new AppError('invalid_request', message, { metadata: { path } });
}

/** True for a body that is a form with files by its own word. */
export function isForm(contentType: string): boolean {
  return /^multipart\/form-data\b/i.test(contentType);
}

/** What a form is put together in while it is read. */
class FormParts {
  readonly #fields = new Map<string, JsonValue>();
  #upload: Upload | null = null;

  add(name: string, value: string): void {
    const known = this.#fields.get(name);
    if (known === undefined) this.#fields.set(name, name.endsWith('[]') ? [value] : value);
    else this.#fields.set(name, [...(Array.isArray(known) ? known : [known]), value]);
  }

  keep(upload: Upload): void {
    this.#upload = upload;
  }

  read(): Form {
    // From entries, so that a field named __proto__ is one like any other.
    return { fields: Object.fromEntries(this.#fields), upload: this.#upload };
  }
}

function parserOf(contentType: string, fileBytesMax: number): Busboy {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        fields: FIELDS_MAX,
        fieldSize: FIELD_BYTES_MAX,
        fieldNameSize: NAME_BYTES_MAX,
        files: 1,
        // One more than is allowed, so that a file of the very limit is not taken for one that was cut.
        fileSize: fileBytesMax + 1,
        headerPairs: 20,
      },
    });
  } catch (cause) {
    throw new AppError('invalid_request', 'The form names no boundary.', { cause, metadata: { path: '' } });
  }
}

/**
 * Takes a form apart; its bytes were counted when they were read. Throws AppError 400 for what is no whole form or has too much in it,
 * 413 for a file above the limit.
 */
export function readForm(body: Uint8Array, contentType: string, fileBytesMax: number): Promise<Form> {
  const parser = parserOf(contentType, fileBytesMax);
  const parts = new FormParts();
  return new Promise((resolve, reject) => {
    parser.on('file', (...file) => {
      const [name, stream, fileName, , type] = file;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => reject(refused('The form ends within its file.', FILE)));
      stream.on('end', () => {
        const bytes = Buffer.concat(chunks);
        if (bytes.length > fileBytesMax) {
          const message = `The file is larger than ${fileBytesMax} bytes.`;
          reject(new AppError('payload_too_large', message, { metadata: { path: FILE, bytes_max: fileBytesMax } }));
        } else if (name === FILE) parts.keep({ name: fileName || 'audio', type, bytes });
        else reject(refused(`The form's file must be named ${FILE}.`, name));
      });
    });
    parser.on('field', (...field) => {
      const [name, value, isNameCut, isValueCut] = field;
      if (isNameCut || isValueCut) reject(refused('A field of the form is too long.', name));
      else parts.add(name, value);
    });
    parser.on('fieldsLimit', () => reject(refused(`The form has more than ${FIELDS_MAX} fields.`)));
    parser.on('filesLimit', () => reject(refused('The form has more than one file.', FILE)));
    parser.on('error', () => reject(refused('The body is not a whole form.')));
    parser.on('finish', () => resolve(parts.read()));
    // All of it is in memory. There are bodies after whose end the parser says nothing at all, and their senders must not wait for ever.
    const silence = setTimeout(() => reject(refused('The body is not a whole form.')), SILENCE_MS);
    parser.once('finish', () => clearTimeout(silence));
    parser.once('error', () => clearTimeout(silence));
    parser.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  });
}
