const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto', style: 'narrow' });
const absolute = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en-US', { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' });

const steps = [
  { unit: 'year', ms: 31_557_600_000 },
  { unit: 'month', ms: 2_629_800_000 },
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** How long ago, in the largest unit that fits: "5m ago", "yesterday". Below one minute: "just now". */
export function agoText(at: Date, now: Date): string {
  const elapsedMs = now.getTime() - at.getTime();
  const step = steps.find(({ ms }) => Math.abs(elapsedMs) >= ms);
  return step ? relative.format(-Math.trunc(elapsedMs / step.ms), step.unit) : 'just now';
}

/** A moment, as time since then; the moment itself (UTC) is in the title. `now` is the time of the rendering. */
export function Ago({ at, now }: { at: Date; now: Date }) {
  return (
    <time className="whitespace-nowrap" dateTime={at.toISOString()} title={`${absolute.format(at)} UTC`}>
      {agoText(at, now)}
    </time>
  );
}

/** A day in UTC: "Nov 22, 2026". Takes ISO dates as the catalog stores them. */
export function Day({ date }: { date: string | Date }) {
  const at = typeof date === 'string' ? new Date(`${date.slice(0, 10)}T00:00:00Z`) : date;
  return (
    <time className="whitespace-nowrap" dateTime={at.toISOString().slice(0, 10)}>
      {day.format(at)}
    </time>
  );
}

/** A moment in full, UTC. */
export function Moment({ at }: { at: Date }) {
  return (
    <time className="numeric" dateTime={at.toISOString()}>
      {absolute.format(at)} UTC
    </time>
  );
}
