import type { Answer } from './respond.ts';

/** One thing that has to work. */
export interface HealthCheck {
  /** `ping`, `poststarthook/start-controllers` */
  readonly name: string;
  /** Only of `/readyz`: a server that does not meet it lives, but is not to be asked yet. */
  readonly readyOnly?: boolean;
  /** Why it does not work; undefined: it does. */
  fault(): string | undefined;
}

/**
 * Answers `/healthz`, `/livez`, `/readyz` and what lies below them. What is wrong is told to the log alone; the answer names the
 * check. apiserver: pkg/server/healthz/healthz.go
 *
 * @returns undefined for a check that there is not
 */
export function answerHealth(
  endpoint: string,
  all: readonly HealthCheck[],
  path: readonly string[],
  query: URLSearchParams,
): Answer | undefined {
  const checks = endpoint === 'readyz' ? all : all.filter(({ readyOnly }) => readyOnly !== true);
  if (path.length > 0) {
    const check = checks.find(({ name }) => name === path.join('/'));
    if (check === undefined) return undefined;
    return check.fault() === undefined ? OK : failure(`internal server error: ${check.name} failed\n`);
  }
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let failed = false;
  for (const check of checks) {
    const { name } = check;
    if (excluded.delete(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    const isGood = check.fault() === undefined;
    failed ||= !isGood;
    lines.push(isGood ? `[+]${name} ok` : `[-]${name} failed: reason withheld`);
  }
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => `"${name}"`).join(', ');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  const text = `${lines.join('\n')}\n${endpoint} check ${failed ? 'failed' : 'passed'}\n`;
  if (failed) return failure(text);
  return query.has('verbose') ? { ...OK, body: text } : OK;
}

const NO_SNIFF = { 'X-Content-Type-Options': 'nosniff' };
const OK: Answer = { code: 200, body: 'ok', contentType: 'text/plain; charset=utf-8', headers: NO_SNIFF };

function failure(body: string): Answer {
  return { code: 500, body, contentType: 'text/plain; charset=utf-8', headers: NO_SNIFF };
}
