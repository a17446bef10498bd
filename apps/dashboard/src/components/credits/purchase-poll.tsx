'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

const EVERY_MS = 1_500;
const TIMES_MAX = 80;

/** Asks the server for the page again until the purchase is decided, which takes this component away. Gives up after two minutes. */
export function PurchasePoll() {
  const router = useRouter();
  const [times, setTimes] = useState(0);
  useEffect(() => {
    if (times >= TIMES_MAX) return;
    const timer = setTimeout(() => {
      router.refresh();
      setTimes(times + 1);
    }, EVERY_MS);
    return () => clearTimeout(timer);
  }, [times, router]);
  if (times < TIMES_MAX) return null;
  return <>It takes longer than usual. If you paid, the credits will be added as soon as it is confirmed.</>;
}
