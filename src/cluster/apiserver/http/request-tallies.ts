/** What tells requests apart that are counted together. */
export type RequestLabels = Readonly<
  Record<'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'scope', string>
>;

/** Upper ends of the classes that durations are counted in, seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Tally {
  /** As Prometheus writes them, without braces. */
  readonly labels: string;
  /** Answers by code. */
  readonly codes: Map<number, number>;
  /** How many lasted as long as each class, and in the last place longer than all. */
  readonly durations: number[];
  seconds: number;
}

/** Counts of requests and how long they took, in the shape in which Prometheus reads them; counting is all that a request pays for. */
export class RequestTallies {
  readonly #tallies = new Map<string, Tally>();

  /** @param seconds undefined for what goes on as long as the client likes, which is counted but not timed */
  add(labels: RequestLabels, code: number, seconds: number | undefined): void {
    const { verb, group, version, resource, subresource, scope } = labels;
    const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope}`;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { labels: labelText(labels), codes: new Map(), durations: BUCKETS.map(() => 0).concat(0), seconds: 0 };
      this.#tallies.set(key, tally);
    }
    tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
    if (seconds === undefined) return;
    let place = 0;
    while (place < BUCKETS.length && seconds > (BUCKETS[place] ?? 0)) place += 1;
    tally.durations[place] = (tally.durations[place] ?? 0) + 1;
    tally.seconds += seconds;
  }

  /** `apiserver_request_total` and `apiserver_request_duration_seconds` in Prometheus' text format. */
  text(): string {
    const all = [...this.#tallies.values()];
    return `${totals(all)}\n${durations(all)}`;
  }
}

function totals(tallies: readonly Tally[]): string {
  const name = 'apiserver_request_total';
  const lines = [`# HELP ${name} Requests that were answered.`, `# TYPE ${name} counter`];
  for (const { labels, codes } of tallies) {
    for (const [code, count] of codes) lines.push(`${name}{${labels},code="${code}"} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}

function durations(tallies: readonly Tally[]): string {
  const name = 'apiserver_request_duration_seconds';
  const lines = [`# HELP ${name} How long answers took, without watches and streams.`, `# TYPE ${name} histogram`];
  for (const { labels, durations: counts, seconds } of tallies) {
    let sum = 0;
    for (const [i, count] of counts.entries()) {
      sum += count;
      lines.push(`${name}_bucket{le="${BUCKETS[i] ?? '+Inf'}",${labels}} ${sum}`);
    }
    // What was never timed has no durations.
    if (sum === 0) lines.length -= counts.length;
    else lines.push(`${name}_sum{${labels}} ${seconds}`, `${name}_count{${labels}} ${sum}`);
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: RequestLabels): string {
  const all = { ...labels, component: 'apiserver', dry_run: '' };
  return Object.entries(all)
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`,
    )
    .join(',');
}
