import { frames } from '../scripted-provider.ts';

/** One piece that a provider writes, and what a client sees of it. */
interface Piece {
  readonly bytes: string;
  /** What the client finds in its answer when it has come; null when nothing of it is passed on. */
  readonly mark: string | null;
  /** It ends the answer, whoever listens. */
  readonly ends?: 'done' | 'error' | 'reset';
}

/** What a provider does when nobody disturbs it. */
export interface DisconnectScript {
  readonly name: string;
  readonly provider: 'sandbox-north' | 'sandbox-west';
  readonly isStreamed: boolean;
  readonly pieces: readonly Piece[];
}

/** One disconnection: the provider has written so many pieces (and so many bytes of the next one) when the client leaves. */
export interface DisconnectCase {
  readonly id: string;
  readonly script: DisconnectScript;
  readonly cut: number;
  readonly bytes: number;
  /** `headers`: as soon as the answer's head is there. `seen`: when all that was written has come. */
  readonly when: 'called' | 'headers' | 'seen';
  readonly how: 'close' | 'reset';
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'up', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const hidden = (bytes: string): Piece => ({ bytes, mark: null });
const text = (word: string): Piece => ({ bytes: frames.text(`${word} `), mark: word });
const done: Piece = { bytes: frames.done, mark: '[DONE]', ends: 'done' };
const failure: Piece = {
  bytes: `data: ${JSON.stringify({ error: { message: 'it broke', type: 'server_error', code: 500 } })}\n\n`,
  mark: '"error"',
  ends: 'error',
};
const reset: Piece = { bytes: '', mark: '"error"', ends: 'reset' };
const tool = (part: object, mark: string): Piece => ({ bytes: chunk({ tool_calls: [{ index: 0, ...part }] }), mark });

const words = ['alpha', 'bravo', 'charlie', 'dingo', 'echo'].map(text);
const opening = hidden(frames.role);
const closing = [hidden(frames.finish), hidden(frames.usage(12, 5))];

const plain = [opening, ...words, ...closing, done];
const tools = [
  opening,
  tool({ id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '' } }, 'look_up'),
  tool({ function: { arguments: '{"city":"Ulm",' } }, 'Ulm'),
  tool({ function: { arguments: '"days":3}' } }, 'days'),
  hidden(chunk({}, 'tool_calls')),
  hidden(frames.usage(20, 9)),
  done,
];

/** The scripts: what providers do, at one that stops when it is hung up on and at one that bills anyway. */
const scripts: readonly DisconnectScript[] = (['sandbox-north', 'sandbox-west'] as const).flatMap((provider) => {
  const streams: Readonly<Record<string, readonly Piece[]>> = {
    plain,
    tools,
    'without usage': [opening, ...words, hidden(frames.finish), done],
    'usage in every chunk': [
      opening,
      ...words.flatMap((word, index) => [word, hidden(frames.usage(12, index + 1))]),
      ...closing,
      done,
    ],
    'usage that cannot be': [opening, ...words, hidden(frames.finish), hidden(frames.usage(12, 9_000_000)), done],
    'without an end mark': [opening, ...words, ...closing, { bytes: '', mark: '[DONE]', ends: 'done' }],
    'with comments': [
      opening,
      hidden(': still here\n\n'),
      ...words.flatMap((word) => [hidden(': keep-alive\n\n'), word]),
      ...closing,
      done,
    ],
    'failing in-band': [opening, ...words, failure],
    'breaking off': [opening, ...words, reset],
  };
  const streamed = Object.entries(streams).map(([name, pieces]) => ({ name, provider, isStreamed: true, pieces }));
  return [...streamed, { name: 'whole', provider, isStreamed: false, pieces: [] }];
});

/** How many pieces may have been written when a client leaves before it saw any of the answer. */
function unseenCuts({ pieces }: DisconnectScript): number[] {
  const first = pieces.findIndex(({ mark }) => mark !== null);
  return Array.from({ length: Math.max(first, 0) + 1 }, (_, cut) => cut);
}

/** After each piece, and at every so-manyth byte within the next one. */
function seenCuts({ pieces }: DisconnectScript, stride: number): { cut: number; bytes: number }[] {
  const cuts: { cut: number; bytes: number }[] = [];
  for (let cut = 1; cut <= pieces.length; cut += 1) {
    if (!pieces.slice(0, cut).some(({ mark }) => mark !== null)) continue;
    cuts.push({ cut, bytes: 0 });
    const next = pieces[cut];
    for (let bytes = stride; next !== undefined && bytes < next.bytes.length; bytes += stride)
      cuts.push({ cut, bytes });
  }
  return cuts;
}

/** All cases; the stride says at how many bytes within a piece a client leaves. */
export function disconnectCases(stride: number): readonly DisconnectCase[] {
  const cases: Omit<DisconnectCase, 'id'>[] = [];
  for (const script of scripts) {
    for (const how of ['close', 'reset'] as const) {
      for (const cut of unseenCuts(script)) {
        cases.push({ script, cut, bytes: 0, when: 'called', how });
        if (script.isStreamed) cases.push({ script, cut, bytes: 0, when: 'headers', how });
      }
      for (const { cut, bytes } of seenCuts(script, stride)) cases.push({ script, cut, bytes, when: 'seen', how });
    }
  }
  return cases.map((each, index) => ({ ...each, id: `case-${index}` }));
}
