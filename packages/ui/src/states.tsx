import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';

type StateProps = {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: LucideIcon;
  className?: string | undefined;
};

/** What stands where there is nothing: what would be here, why it is not, and the one thing to do about it. */
export function EmptyState({ title, children, action, icon: Icon, className }: StateProps) {
  return (
    <div className={cn('flex flex-col items-center gap-1 px-6 py-14 text-center', className)}>
      {Icon ? <Icon aria-hidden className="mb-2 size-5 text-subtle-foreground" strokeWidth={1.5} /> : null}
      <p className="font-medium text-base">{title}</p>
      {children ? <div className="max-w-md text-pretty text-muted-foreground text-sm">{children}</div> : null}
      {action ? <div className="mt-3 flex gap-2">{action}</div> : null}
    </div>
  );
}

/** What stands where something failed. Announced at once; says what the reader can do, never what broke inside. */
export function ErrorState({ title, children, action, icon: Icon, className }: StateProps) {
  return (
    <div
      className={cn(
        'flex flex-col items-center gap-1 rounded-lg border border-danger-line bg-surface px-6 py-12 text-center',
        className,
      )}
      role="alert"
    >
      {Icon ? <Icon aria-hidden className="mb-2 size-5 text-danger-text" strokeWidth={1.5} /> : null}
      <p className="font-medium text-base">{title}</p>
      {children ? <div className="max-w-md text-pretty text-muted-foreground text-sm">{children}</div> : null}
      {action ? <div className="mt-3 flex gap-2">{action}</div> : null}
    </div>
  );
}
