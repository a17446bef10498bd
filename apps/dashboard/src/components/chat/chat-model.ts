/** A model as the chat offers it. `isCallable` null = the gateway did not say. */
export type ChatModel = { slug: string; name: string; authorName: string; isCallable: boolean | null };

/** The sandbox's model: free of real cost, and there whenever nothing else is configured. */
const FIRST_CHOICE = 'sandbox/atlas-1';

/** Callable models first, else as they come. */
export function orderModels(models: readonly ChatModel[]): readonly ChatModel[] {
  const rank = ({ isCallable }: ChatModel) => (isCallable === true ? 0 : isCallable === null ? 1 : 2);
  return [...models].sort((a, b) => rank(a) - rank(b));
}

/** The model to begin with: the one that was asked for if there is such a one, else the sandbox's, else the first that can be called. */
export function startModel(models: readonly ChatModel[], wanted: string | null): string | null {
  const ordered = orderModels(models);
  const asked = ordered.find(({ slug }) => slug === wanted);
  const usual = ordered.find(({ slug, isCallable }) => slug === FIRST_CHOICE && isCallable !== false);
  return (asked ?? usual ?? ordered[0])?.slug ?? null;
}
