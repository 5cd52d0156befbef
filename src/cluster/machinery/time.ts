let lastSecond = Number.NaN;
let lastText = '';

/** An instant (ms since the epoch) as the API writes a Time: RFC 3339, UTC, whole seconds. */
export function formatTime(milliseconds: number): string {
  // Much happens within one second of a simulated cluster.
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** An instant as the API writes a MicroTime. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000Z`;
}

/** ms since the epoch of a Time or MicroTime, or undefined when there is none. */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
