'use client';

import { useTheme } from 'next-themes';
import { Toaster as Sonner, toast } from 'sonner';

export { toast };

/** Where short messages appear. Once, in the root layout. */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      position="bottom-right"
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      toastOptions={{
        classNames: {
          toast: '!rounded-lg !border !border-line-strong !bg-raised !font-sans !text-foreground !text-sm !shadow-lg',
          description: '!text-muted-foreground',
        },
      }}
    />
  );
}
