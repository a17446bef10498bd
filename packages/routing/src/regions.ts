/** The member states of the European Union, ISO 3166 alpha-2 (source: https://european-union.europa.eu, 2026-11). */
const europeanUnion = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');

/** The countries that a list of regions stands for: itself, and for `EU` its members. */
export function countriesOf(regions: readonly string[]): ReadonlySet<string> {
  const countries = new Set<string>();
  for (const region of regions) {
    countries.add(region.toUpperCase());
    if (region.toUpperCase() === 'EU') for (const member of europeanUnion) countries.add(member);
  }
  return countries;
}

/** True when a prompt stays within the countries wherever the endpoint reads it. Nobody knows where an endpoint without regions runs. */
export function staysWithin(endpointRegions: readonly string[], countries: ReadonlySet<string>): boolean {
  return endpointRegions.length > 0 && endpointRegions.every((region) => countries.has(region.toUpperCase()));
}
