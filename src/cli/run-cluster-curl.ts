import { newObject } from '../base/json.ts';
import { PintleError } from '../base/errors.ts';
import { createCatalogue } from '../cluster/kubelet/images/catalogue.ts';
import type { RequestOutcome, RequestTrace } from '../cluster/network/hops.ts';
import { traceRequest } from '../cluster/trace-request.ts';
import type { Io } from './io.ts';
import { clusterCatalogue } from './cluster-plan.ts';
import { clusterClock } from './cluster-time.ts';
import { cliLogger } from './cli-logger.ts';
import { type GlobalOptions, namespaceOf } from './settings.ts';
import { systemRandom } from './system-random.ts';
import { openTarget } from './target.ts';

/** Flags of `pintle cluster curl`. */
export interface CurlFlags extends GlobalOptions {
  readonly from?: string;
  readonly fail?: boolean;
  readonly header?: readonly string[];
  readonly output?: string;
}

/** `pintle cluster curl URL`: prints the way of a request; fails when nobody answers. */
export async function runClusterCurl(io: Io, text: string, flags: CurlFlags): Promise<void> {
  if (flags.output !== 'text' && flags.output !== 'json') {
    throw new PintleError('usage', `unknown output format "${flags.output ?? ''}"`, { hint: 'use text or json' });
  }
  const url = urlOf(text);
  const logger = cliLogger(io, flags);
  const target = await openTarget(io, flags, { access: 'observe', command: 'pintle cluster curl', logger });
  let trace: RequestTrace;
  try {
    const namespace = namespaceOf(io, flags, target.namespace);
    const { client } = target;
    const clock = await clusterClock(target);
    const catalogue = createCatalogue(target.folder === undefined ? {} : await clusterCatalogue(target.folder));
    trace = await traceRequest(
      { client, clock, random: systemRandom, logger, catalogue },
      {
        url,
        namespace,
        headers: headersOf(flags.header ?? []),
        ...(flags.from === undefined ? {} : { from: podOf(flags.from, namespace) }),
      },
    );
    await target.flush();
  } finally {
    await target.close();
  }
  io.stdout(flags.output === 'json' ? `${JSON.stringify(trace, null, 2)}\n` : textOf(trace));
  const { outcome } = trace;
  if (outcome.kind === 'failed') throw new PintleError('request-failed', outcome.message);
  if (flags.fail === true && outcome.status >= 400) {
    throw new PintleError('request-failed', `${outcome.by} answered ${outcome.status}`);
  }
}

function urlOf(text: string): URL {
  const whole = /^\w+:\/\//.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !['http:', 'https:', 'tcp:'].includes(url.protocol) || url.hostname === '') {
    throw new PintleError('usage', `"${text}" is no URL of a request`, {
      hint: 'write http://HOST[:PORT]/PATH, https:// or tcp://',
    });
  }
  if (url.protocol === 'tcp:' && url.port === '') {
    throw new PintleError('usage', `"${text}" names no port`, { hint: 'write tcp://HOST:PORT' });
  }
  return url;
}

/** Headers by their names in lower case. */
function headersOf(headers: readonly string[]): Readonly<Record<string, string>> {
  const out: Record<string, string> = newObject();
  for (const header of headers) {
    const [, name, value] = /^([\w-]+)\s*:\s*(.*?)\s*$/.exec(header) ?? [];
    if (name === undefined) {
      throw new PintleError('usage', `"${header}" is no header`, { hint: 'write -H "Host: shop.example.com"' });
    }
    out[name.toLowerCase()] = value ?? '';
  }
  return out;
}

function podOf(text: string, namespace: string): { readonly namespace: string; readonly name: string } {
  const plain = text.replace(/^pods?\//, '');
  const slash = plain.indexOf('/');
  return slash === -1 ? { namespace, name: plain } : { namespace: plain.slice(0, slash), name: plain.slice(slash + 1) };
}

function textOf({ hops, outcome }: RequestTrace): string {
  const lines = hops.map(({ stage, text }) => `${stage.padEnd(9)} ${text}`);
  return `${[...lines, `${'result'.padEnd(9)} ${endOf(outcome)}`].join('\n')}\n`;
}

function endOf(outcome: RequestOutcome): string {
  if (outcome.kind === 'failed') return outcome.message;
  return outcome.status === 0 ? `connected to ${outcome.by}` : `HTTP ${outcome.status} from ${outcome.by}`;
}
