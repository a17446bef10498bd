import { PageBody } from '../../components/page.tsx';
import { getModel, listModels } from '../../data/catalog.ts';
import { marketNumbers } from '../../data/market.ts';
import { publicApiUrl } from '../../site/public-api.ts';
import { Audiences } from './_landing/audiences.tsx';
import { Hero } from './_landing/hero.tsx';
import { Integration } from './_landing/integration.tsx';
import { MarketStrip } from './_landing/market-strip.tsx';
import { Pricing } from './_landing/pricing.tsx';
import { realPricedModel, sampleModel } from './_landing/sample-model.ts';

export default async function LandingPage() {
  const [models, numbers] = await Promise.all([listModels(), marketNumbers()]);
  const sample = sampleModel(models);
  const priced = await getModel(realPricedModel(models)?.slug ?? '');
  const apiUrl = publicApiUrl();
  return (
    <PageBody className="py-0">
      <Hero apiUrl={apiUrl} models={models} />
      <MarketStrip numbers={numbers} />
      <Integration apiUrl={apiUrl} model={sample?.slug ?? null} />
      <Pricing model={priced} />
      <Audiences />
    </PageBody>
  );
}
