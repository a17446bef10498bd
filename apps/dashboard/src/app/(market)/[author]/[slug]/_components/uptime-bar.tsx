import { percentText } from '../../../../../components/format/percent.tsx';
import { type HealthHour, hourText } from '../health-points.ts';

/** OpenRouter's limits of green and yellow (reference: its model page, 2026-08). */
const GOOD = 0.95;
const FAIR = 0.85;
const CELL = 6;
const GAP = 2;
const HEIGHT = 20;

function colorOf(uptime: number | null): string {
  if (uptime === null) return 'var(--line)';
  if (uptime >= GOOD) return 'var(--accent)';
  return uptime >= FAIR ? 'var(--warning-text)' : 'var(--danger)';
}

/** Hours of an endpoint as cells, oldest first; grey is an hour without calls. What it comes to stands beside it as a number. */
export function UptimeBar(props: { name: string; hours: readonly HealthHour[]; places: readonly Date[] }) {
  const byHour = new Map(props.hours.map((hour) => [hour.hourAt.getTime(), hour]));
  const attempts = props.hours.reduce((sum, { ok, failed }) => sum + ok + failed, 0);
  const ok = props.hours.reduce((sum, hour) => sum + hour.ok, 0);
  const width = props.places.length * (CELL + GAP) - GAP;
  return (
    <li className="grid gap-x-4 gap-y-1 sm:grid-cols-[12rem_1fr_8rem] sm:items-center">
      <span className="truncate text-sm">{props.name}</span>
      <svg
        aria-label={`${props.name}: ${attempts === 0 ? 'no calls' : `${percentText(ok / attempts)} of calls succeeded`}`}
        className="h-5 w-full"
        preserveAspectRatio="none"
        role="img"
        viewBox={`0 0 ${width} ${HEIGHT}`}
      >
        {props.places.map((at, index) => {
          const hour = byHour.get(at.getTime());
          const uptime = hour?.uptime ?? null;
          return (
            <rect fill={colorOf(uptime)} height={HEIGHT} key={at.getTime()} width={CELL} x={index * (CELL + GAP)} y={0}>
              <title>{`${hourText(at)}: ${uptime === null ? 'no calls' : percentText(uptime)}`}</title>
            </rect>
          );
        })}
      </svg>
      <span className="numeric text-muted-foreground text-sm sm:text-right">
        {attempts === 0 ? 'no calls' : percentText(ok / attempts)}
      </span>
    </li>
  );
}
