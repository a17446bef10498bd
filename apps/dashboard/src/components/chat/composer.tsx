'use client';

import { Button, Kbd, Textarea } from '@bourse/ui';
import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, useEffect, useState } from 'react';

type ComposerProps = { isWriting: boolean; onSend: (text: string) => void; onStop: () => void };

/** Where the next question is written. Enter sends it, Shift and Enter begin a line, Escape stops the answer. */
export function Composer({ isWriting, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  useEscape(isWriting ? onStop : null);

  function send() {
    if (isWriting || text.trim() === '') return;
    onSend(text.trim());
    setText('');
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // While a word is being composed from several keystrokes, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <div className="mx-auto w-full max-w-3xl px-4 pb-4 sm:px-6">
      <div className="relative">
        <Textarea
          aria-label="Your message"
          autoFocus
          className="block max-h-[40vh] min-h-12 resize-none py-3 pr-12 pl-3.5 text-base"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder="Write a message"
          rows={1}
          value={text}
        />
        {isWriting ? (
          <Button
            aria-label="Stop"
            className="absolute right-2 bottom-2"
            onClick={onStop}
            size="icon"
            variant="primary"
          >
            <Square aria-hidden className="size-3 fill-current" />
          </Button>
        ) : (
          <Button
            aria-label="Send"
            className="absolute right-2 bottom-2"
            disabled={text.trim() === ''}
            onClick={send}
            size="icon"
            variant="primary"
          >
            <ArrowUp aria-hidden />
          </Button>
        )}
      </div>
      <p className="mt-2 text-center text-subtle-foreground text-xs max-sm:hidden">
        <Kbd>Enter</Kbd> sends, <Kbd>Shift</Kbd> <Kbd>Enter</Kbd> begins a line, <Kbd>Esc</Kbd> stops. Answers are paid
        from your credits.
      </p>
    </div>
  );
}

function useEscape(onEscape: (() => void) | null) {
  useEffect(() => {
    if (onEscape === null) return;
    const act = onEscape;
    function listen(event: globalThis.KeyboardEvent) {
      // An open dialog or menu takes the key for itself.
      if (event.key === 'Escape' && !event.defaultPrevented) act();
    }
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
}
