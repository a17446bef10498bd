import { dearestPrice } from '@bourse/billing';
import type { PriceSheet } from '@bourse/catalog';
import { invariant } from '@bourse/errors';
import { type Meter, unitMeters } from '@bourse/generation';
import { chargeTotal, picodollarsPerUnit } from '@bourse/money';
import { isNamedBy } from './name-match.ts';
import type { Offer, PlanInput } from './types.ts';

const NO_PRICE = picodollarsPerUnit(0n);

/** Prices never change within a sheet, and a market has few markups: what was blended is kept with the sheet. */
const blendsOfSheets = new WeakMap<PriceSheet, Map<number, number>>();

function blend(sheet: PriceSheet, markupBps: number): number {
  const priceOf = (meter: Meter) => dearestPrice(sheet, meter, 0) ?? NO_PRICE;
  const lines = [
    { quantity: 3_000_000, price: priceOf('input') },
    { quantity: 1_000_000, price: priceOf('output') },
    { quantity: 1_000, price: priceOf('request') },
    ...unitMeters.map((meter) => ({ quantity: 1_000, price: priceOf(meter) })),
  ];
  return Number(chargeTotal(lines, markupBps));
}

/**
 * One number to compare endpoints by: what the customer would pay for a thousand calls of 3,000 input and 1,000 output
 * tokens each (3 : 1 is the usual blend of a chat) and one of each unit, request fees and markup included, at the base tier. In nanodollars,
 * but only its ratios matter.
 */
function blendedPrice({ endpoint: { prices }, markupBps }: Offer): number {
  const ofSheet = blendsOfSheets.get(prices) ?? new Map<number, number>();
  blendsOfSheets.set(prices, ofSheet);
  const price = ofSheet.get(markupBps) ?? blend(prices, markupBps);
  ofSheet.set(markupBps, price);
  return price;
}

interface Priced {
  readonly offer: Offer;
  readonly price: number;
}

function byPrice(offers: readonly Offer[]): readonly Priced[] {
  return offers
    .map((offer) => ({ offer, price: blendedPrice(offer) }))
    .toSorted((a, b) => a.price - b.price || (a.offer.endpoint.id < b.offer.endpoint.id ? -1 : 1));
}

/**
 * Draws one with weight 1/price^2, computed as (cheapest/price)^2 so that free endpoints need no division by zero: where
 * there are any, only they have a chance.
 */
function drawFirst(priced: readonly Priced[], draw: () => number): Priced {
  const cheapest = priced[0];
  invariant(cheapest !== undefined, 'a draw among no candidates');
  if (priced.length === 1) return cheapest;
  const weightOf = ({ price }: Priced) => (price === cheapest.price ? 1 : (cheapest.price / price) ** 2);
  let sum = 0;
  for (const entry of priced) sum += weightOf(entry);
  let left = draw() * sum;
  for (const entry of priced) {
    left -= weightOf(entry);
    if (left < 0) return entry;
  }
  return cheapest;
}

type OrderInput = Pick<PlanInput, 'health' | 'draw'>;

/** One healthy endpoint by weighted chance, then the healthy ones by price, then those with an outage by price. */
function balanced(offers: readonly Offer[], { health, draw }: OrderInput): readonly Offer[] {
  const priced = byPrice(offers);
  const out = priced.filter(({ offer }) => health(offer.endpoint.id).isOut);
  const healthy = out.length === 0 ? priced : priced.filter((entry) => !out.includes(entry));
  if (healthy.length === 0) return out.map(({ offer }) => offer);
  const first = drawFirst(healthy, draw);
  return [first, ...healthy.filter((entry) => entry !== first), ...out].map(({ offer }) => offer);
}

/** How the allowed endpoints of one model are ordered. Throughput, latency and quality are not measured yet: balanced. */
export interface OrderRule {
  readonly isCheapestFirst: boolean;
  /** Slugs and tags to try first; several endpoints under one name go by price. */
  readonly named: readonly string[];
}

function unnamed(offers: readonly Offer[], { isCheapestFirst }: OrderRule, input: OrderInput): readonly Offer[] {
  return isCheapestFirst ? byPrice(offers).map(({ offer }) => offer) : balanced(offers, input);
}

/** Orders the allowed endpoints of one model; loses none and adds none. */
export function orderOffers(offers: readonly Offer[], rule: OrderRule, input: OrderInput): readonly Offer[] {
  if (rule.named.length === 0) return unnamed(offers, rule, input);
  const named: Offer[] = [];
  for (const name of rule.named) {
    const matching = offers.filter(({ endpoint }) => isNamedBy(endpoint, name));
    for (const { offer } of byPrice(matching)) {
      if (!named.includes(offer)) named.push(offer);
    }
  }
  const rest = offers.filter((offer) => !named.includes(offer));
  return [...named, ...unnamed(rest, rule, input)];
}
