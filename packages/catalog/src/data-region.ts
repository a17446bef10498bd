import type { Endpoint } from './types.ts';

/** The regions in which a customer may want data to stay. */
export type DataRegion = 'eu' | 'us';

/** All of them. */
export const dataRegions: readonly DataRegion[] = ['eu', 'us'];

/** ISO 3166 alpha-2. The European Union's members since 2020-02-01 (source: european-union.europa.eu, read 2026-11-22). */
const countries: Readonly<Record<DataRegion, ReadonlySet<string>>> = {
  eu: new Set('AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ')),
  us: new Set(['US']),
};

/** True when an endpoint is known to run in the region and nowhere else; one that may run anywhere is not. */
export function runsInRegion({ regions }: Pick<Endpoint, 'regions'>, region: DataRegion): boolean {
  return regions.length > 0 && regions.every((country) => countries[region].has(country));
}
