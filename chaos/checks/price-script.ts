import { chargeTotal, picodollarsPerUnit } from '@bourse/money';
import { Random } from '../world/random.ts';

// The product's one multiplication against a second one, on amounts from nothing to far beyond what a float can hold.

const random = new Random(20_261_122);
const CASES = 20_000;
let wrong = 0;
for (let index = 0; index < CASES; index += 1) {
  const lines = Array.from({ length: random.between(1, 5) }, () => ({
    quantity: Math.floor(random.next() * 10 ** random.between(0, 8)),
    price: picodollarsPerUnit(BigInt(Math.floor(random.next() * 10 ** random.between(1, 10)))),
  }));
  const markupBps = random.between(0, 20_000);
  const scaled = lines.reduce((sum, line) => sum + BigInt(line.quantity) * line.price, 0n) * BigInt(10_000 + markupBps);
  const nano = scaled / 10_000_000n + (scaled % 10_000_000n > 0n ? 1n : 0n);
  const charged = chargeTotal(lines, markupBps);
  if (charged !== nano && wrong++ < 3) console.log(`${charged} is not ${nano}`);
}
console.log(`${wrong} of ${CASES} charges are wrong`);
process.exit(wrong === 0 ? 0 : 1);
