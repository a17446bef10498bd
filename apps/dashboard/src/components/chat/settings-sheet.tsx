'use client';

import { Button, Field, Input, Sheet, SheetContent, SheetTitle, SheetTrigger, Textarea } from '@bourse/ui';
import { SlidersHorizontal } from 'lucide-react';
import type { ChatSettings } from './conversation.ts';

type SettingsSheetProps = { settings: ChatSettings; onChange: (settings: ChatSettings) => void };

/** How the answers of this conversation are asked for. Empty fields leave it to the model. */
export function SettingsSheet({ settings, onChange }: SettingsSheetProps) {
  const count =
    Number(settings.system !== '') + Number(settings.temperature !== null) + Number(settings.tokensMax !== null);
  return (
    <Sheet>
      <SheetTrigger asChild>
        <Button aria-label="Settings of this conversation" size={count > 0 ? 'md' : 'icon'} variant="ghost">
          <SlidersHorizontal aria-hidden />
          {count > 0 ? <span className="numeric">{count}</span> : null}
        </Button>
      </SheetTrigger>
      <SheetContent className="gap-5">
        <SheetTitle className="font-medium text-lg">This conversation</SheetTitle>
        <Field hint="Said to the model before everything else." id="system" label="System prompt">
          {(control) => (
            <Textarea
              {...control}
              className="min-h-32"
              onChange={(event) => onChange({ ...settings, system: event.target.value })}
              placeholder="You are a patient teacher."
              value={settings.system}
            />
          )}
        </Field>
        <Field hint="0 repeats itself, 2 wanders. Empty: the model’s own." id="temperature" label="Temperature">
          {(control) => (
            <Input
              {...control}
              max={2}
              min={0}
              onChange={(event) => onChange({ ...settings, temperature: numberIn(event.target.value, 0, 2) })}
              step={0.1}
              type="number"
              defaultValue={settings.temperature ?? ''}
            />
          )}
        </Field>
        <Field hint="The longest answer that you want to pay for." id="tokensMax" label="Most output tokens">
          {(control) => (
            <Input
              {...control}
              min={1}
              onChange={(event) => onChange({ ...settings, tokensMax: wholeIn(event.target.value) })}
              step={1}
              type="number"
              defaultValue={settings.tokensMax ?? ''}
            />
          )}
        </Field>
      </SheetContent>
    </Sheet>
  );
}

/** The number if there is one, held within its bounds. */
function numberIn(text: string, least: number, most: number): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : Math.min(most, Math.max(least, value));
}

function wholeIn(text: string): number | null {
  const value = numberIn(text, 1, 1_000_000);
  return value === null ? null : Math.round(value);
}
