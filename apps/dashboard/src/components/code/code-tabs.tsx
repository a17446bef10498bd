import { Tabs, TabsContent, TabsList, TabsTrigger } from '@bourse/ui';
import type { CodeSample } from '../../site/code-samples.ts';
import { Code } from './code.tsx';

/** The same call in several languages, one shown at a time. */
export function CodeTabs({ samples }: { samples: readonly CodeSample[] }) {
  return (
    <Tabs defaultValue={samples[0]?.id ?? ''}>
      <TabsList aria-label="Language">
        {samples.map((sample) => (
          <TabsTrigger key={sample.id} value={sample.id}>
            {sample.label}
          </TabsTrigger>
        ))}
      </TabsList>
      {samples.map((sample) => (
        <TabsContent className="mt-3" key={sample.id} value={sample.id}>
          <Code code={sample.code} label={`${sample.label} sample`} language={sample.language} />
        </TabsContent>
      ))}
    </Tabs>
  );
}
