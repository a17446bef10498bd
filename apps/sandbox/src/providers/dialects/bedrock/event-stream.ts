import { crc32 } from 'node:zlib';

const TEXT = 7;

function header(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, Buffer.of(TEXT), length, valueBytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Lengths, their checksum, headers, payload, and the checksum of all that (AWS event stream encoding, read 2026-11). */
function message(headers: Readonly<Record<string, string>>, payload: object): Buffer {
  const headerBytes = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const payloadBytes = Buffer.from(JSON.stringify(payload));
  const lengths = Buffer.concat([uint32(16 + headerBytes.length + payloadBytes.length), uint32(headerBytes.length)]);
  const body = Buffer.concat([lengths, uint32(crc32(lengths)), headerBytes, payloadBytes]);
  return Buffer.concat([body, uint32(crc32(body))]);
}

const TYPE = { ':content-type': 'application/json' };

/** An event of a stream, e.g. `contentBlockDelta`. */
export function eventFrame(type: string, payload: object): Uint8Array {
  return message({ ':event-type': type, ...TYPE, ':message-type': 'event' }, payload);
}

/** An exception in the middle of a stream: its name begins with a small letter there. */
export function exceptionFrame(type: string, sentence: string): Uint8Array {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  return message({ ':exception-type': name, ...TYPE, ':message-type': 'exception' }, { message: sentence });
}

/** A frame whose checksum is wrong, as after a bit was lost on the way. */
export function damagedFrame(): Uint8Array {
  const frame = Buffer.from(eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'lost' } }));
  frame.writeUInt8(frame.readUInt8(frame.length - 8) ^ 0x20, frame.length - 8);
  return frame;
}
