import type { ResponseHead, UsageReport } from '../wire-format.ts';
import { encodeUsage } from './usage.ts';

/** The end mark of a stream. */
export const END_DATA = '[DONE]';

/** The bytes of a chunk. */
export function frame(data: string): string {
  return `data: ${data}\n\n`;
}

/** The last frames of a stream: usage with its cost in a chunk without choices, then the end mark. */
export function usageFrames(report: UsageReport, head: ResponseHead): string {
  const { id, model, provider, createdUnixSeconds } = head;
  const text = `"object":"chat.completion.chunk","created":${createdUnixSeconds},"model":${JSON.stringify(model)}`;
  const chunk = `{"id":${JSON.stringify(id)},${text},"provider":${JSON.stringify(provider)},"choices":[],"usage":${encodeUsage(report)}}`;
  return frame(chunk) + frame(END_DATA);
}
