/**
 * Runs work that the user may interrupt: the first SIGINT or SIGTERM aborts the signal, so that the work can stop cleanly
 * (or roll back); a second one ends the process at once. Whoever reads the output may go meanwhile (`| head`): bin/process-io.js
 * goes by these listeners.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
