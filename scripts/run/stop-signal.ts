/**
 * Fires when this process is asked to stop, by a signal or because the bootstrap that started it is gone. From then on
 * the process lives until its work has been put away.
 */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('Stopped.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  process.on('disconnect', stop);
  process.channel?.unref();
  return stopping.signal;
}
