import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The files of a package, read as text and never run. Names are relative to the package. */
export interface PackageFiles {
  readonly names: readonly string[];
  /** Throws for a name that is not there. */
  readonly read: (name: string) => string;
}

/** An installed package. */
export function installedFiles(folder: URL): PackageFiles {
  return {
    names: readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    ),
    read: (name) => readFileSync(new URL(name, folder), 'utf8'),
  };
}

const BLOCK = 512;
/** No package of data is larger unpacked; more is an attack or an accident. */
const BYTES_MAX = 64 * 1024 * 1024;

function field(header: Buffer, [start, length]: readonly [number, number]): string {
  const text = header.toString('utf8', start, start + length);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/**
 * The regular files of an npm tarball (ustar, as npm packs them), held in memory: nothing is written to a disk, so no name in it can lead anywhere. Links,
 * devices and names outside `package/` are refused. Throws an Error for what is no such archive, is cut off, or unpacks to more than 64 MB.
 */
export function tarballFiles(tarball: Buffer): PackageFiles {
  const bytes = gunzipSync(tarball, { maxOutputLength: BYTES_MAX });
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = Number.parseInt(field(header, [124, 12]).trim(), 8);
    const [prefix, tail] = [field(header, [345, 155]), field(header, [0, 100])];
    const name = prefix === '' ? tail : `${prefix}/${tail}`;
    const type = field(header, [156, 1]);
    const end = at + BLOCK + size;
    if (!Number.isSafeInteger(size) || end > bytes.length) throw new Error(`the archive is cut off at ${name}`);
    if (type === '' || type === '0') {
      if (!/^package\/(?!.*(^|\/)\.\.(\/|$))/.test(name))
        throw new Error(`the archive has a file outside its package: ${name}`);
      files.set(name.slice('package/'.length), bytes.subarray(at + BLOCK, end));
    } else if (type !== '5' && type !== 'g' && type !== 'x')
      throw new Error(`the archive has something else than files: ${name}`);
    at = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (files.size === 0) throw new Error('the archive has no files');
  return {
    names: [...files.keys()],
    read(name) {
      const found = files.get(name);
      if (found === undefined) throw new Error(`the package has no ${name}`);
      return found.toString('utf8');
    },
  };
}
