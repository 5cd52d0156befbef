import type { IncomingMessage } from 'node:http';
import { StatusError, type Status } from '../../kube/status-error.ts';

/** The whole of an answer as text. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** A failed answer as an error: the server's Status, or one made of what a proxy says. */
export function failureOf(code: number, text: string, request: string): StatusError {
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError({ ...status, code: status.code ?? code });
  } catch {
    // Proxies answer in their own words.
  }
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: REASONS.get(code) ?? 'Unknown',
    message:
      code === 404
        ? 'the server could not find the requested resource'
        : `${request}: ${code} ${text.trim().slice(0, 500)}`,
    code,
  });
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
]);

/** What the server warns of with an answer. RFC 7234, section 5.5. */
export function warningsOf({ headers }: IncomingMessage): string[] {
  const { warning } = headers;
  if (warning === undefined) return [];
  return [...warning.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}
