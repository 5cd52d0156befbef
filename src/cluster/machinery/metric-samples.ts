import type { ResourceType } from '../../kube/object.ts';
import { milliValue, QuantityError } from '../../kube/quantity.ts';
import { RESOURCES } from '../../kube/resources.ts';

/** On an object: the metrics that monitoring would tell of it, a line each. */
export const METRICS_ANNOTATION = 'pintle.dev/metrics';
/** On a Namespace: the metrics from elsewhere that its autoscalers see, a line each. */
export const EXTERNAL_METRICS_ANNOTATION = 'pintle.dev/external-metrics';
/** On a Service: the requests that come to it a second, shared evenly by its endpoints that are ready. */
export const REQUESTS_ANNOTATION = 'pintle.dev/requests';
/** The metric that the load of a Service is, see `pintle.dev/requests`. */
export const REQUESTS_METRIC = 'http_requests_per_second';

/** The resources whose objects can say what monitoring tells of them. */
export const MEASURED_RESOURCES: readonly ResourceType[] = [
  RESOURCES.pods,
  RESOURCES.services,
  RESOURCES.ingresses,
  RESOURCES.deployments,
  RESOURCES.statefulSets,
  RESOURCES.namespaces,
];

/** One value of a metric. */
export interface MetricSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Thousandths. */
  readonly value: number;
}

/** What an annotation says, and what in it says nothing. */
export interface MetricSamples {
  readonly samples: readonly MetricSample[];
  /** `line 2: …` */
  readonly faults: readonly string[];
}

const NONE: MetricSamples = { samples: [], faults: [] };
const LINE = /^(?<metric>[^\s{}]+)\s*(?:\{(?<labels>[^{}]*)\})?\s+(?<value>\S+)$/;
const LABEL = /^\s*(?<name>[^\s="{},]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s",]*))\s*(?:,|$)/;
const parsed = new Map<string, MetricSamples>();
const PARSED_LIMIT = 200;

/**
 * Reads lines such as `queue_length{queue="mail"} 30` and `http_requests 1.5k`; `;` ends a line, too, and `#` begins a comment.
 * Values are quantities. What was read once is known.
 */
export function parseMetricSamples(text: string | undefined): MetricSamples {
  if (text === undefined || text === '') return NONE;
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const samples: MetricSample[] = [];
  const faults: string[] = [];
  for (const [index, line] of text.split(/[\n;]/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const sample = readLine(content);
    if (typeof sample === 'string') faults.push(`line ${index + 1}: ${sample}`);
    else samples.push(sample);
  }
  const result = { samples, faults };
  if (parsed.size >= PARSED_LIMIT) parsed.clear();
  parsed.set(text, result);
  return result;
}

/** The sample, or what is wrong. */
function readLine(line: string): MetricSample | string {
  const { metric, labels = '', value } = LINE.exec(line)?.groups ?? {};
  if (metric === undefined || value === undefined) {
    return `${JSON.stringify(line)} is no metric with a value, such as \`queue_length{queue="mail"} 30\``;
  }
  const read = readLabels(labels);
  if (read === undefined) return `{${labels}} are no labels, such as {queue="mail"}`;
  try {
    return { metric, labels: read, value: milliValue(value) };
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return `${JSON.stringify(value)} is no quantity, such as 30, 1.5k or 200m`;
  }
}

function readLabels(text: string): Readonly<Record<string, string>> | undefined {
  const entries: [string, string][] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = LABEL.exec(rest);
    const { name, quoted, bare = '' } = match?.groups ?? {};
    if (match === null || name === undefined) return undefined;
    entries.push([name, quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, '$1')]);
    rest = rest.slice(match[0].length).trim();
  }
  return Object.fromEntries(entries);
}
