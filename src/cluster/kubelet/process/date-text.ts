const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** What `date` prints at an instant (ms since the epoch, UTC), without a line end. */
export function dateText(args: readonly string[], instant: number): string {
  const now = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`;
  const [day = '', month = ''] = [DAYS[now.getUTCDay()], MONTHS[now.getUTCMonth()]];
  if (args.includes('-Iseconds')) return now.toISOString().replace(/\.\d+Z/, '+00:00');
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1);
  if (format === undefined) {
    return `${day} ${month} ${String(now.getUTCDate()).padStart(2)} ${time} UTC ${now.getUTCFullYear()}`;
  }
  const parts: Readonly<Record<string, string>> = {
    Y: String(now.getUTCFullYear()),
    m: two(now.getUTCMonth() + 1),
    d: two(now.getUTCDate()),
    H: two(now.getUTCHours()),
    M: two(now.getUTCMinutes()),
    S: two(now.getUTCSeconds()),
    s: String(Math.floor(now.getTime() / 1000)),
    N: '000000000',
    F: now.toISOString().slice(0, 10),
    T: time,
    a: day,
    b: month,
    Z: 'UTC',
    '%': '%',
  };
  return format.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) => parts[letter] ?? whole);
}
