import { formatUsdPerMillion, formatUsdPerUnit, type PicodollarsPerUnit } from '@bourse/money';
import { dollars, trimFraction } from './decimal.ts';

/** A price as dollars per million units, all digits: "$0.15", "$3.00", "$0.01875". A price of nothing is "Free". */
export function pricePerMillionText(price: PicodollarsPerUnit): string {
  return price === 0n ? 'Free' : dollars(trimFraction(formatUsdPerMillion(price), 2));
}

/** A price per million tokens. Unknown (`null`) is a dash and not zero. */
export function PricePerMillion({ price, unit = false }: { price: PicodollarsPerUnit | null; unit?: boolean }) {
  if (price === null) return <Unknown />;
  return (
    <data className="numeric" value={formatUsdPerMillion(price)}>
      {pricePerMillionText(price)}
      {unit && price !== 0n ? <span className="text-subtle-foreground">/M</span> : null}
    </data>
  );
}

/** What stands for a value that nobody has told us. */
export function Unknown() {
  return (
    <span className="text-subtle-foreground">
      <span aria-hidden>—</span>
      <span className="sr-only">unknown</span>
    </span>
  );
}

/** A price of one single unit: of a request, of a web search. */
export function PricePerUnit({ price }: { price: PicodollarsPerUnit }) {
  return (
    <data className="numeric" value={formatUsdPerUnit(price)}>
      {price === 0n ? 'Free' : dollars(trimFraction(formatUsdPerUnit(price), 2))}
    </data>
  );
}
