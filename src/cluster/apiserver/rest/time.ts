let lastSecond = Number.NaN;
let lastText = '';

/** An instant as the API writes it: seconds, UTC. */
export function apiTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}
