import { createHash } from 'node:crypto';
import { encodeJson } from '../yaml/index.ts';
import type { ChartDependency } from './chart.ts';

/** The digest by which a lock is known to fit the dependencies that it was made for. helm: resolver.HashReq. */
export function dependencyDigest(declared: readonly ChartDependency[], locked: readonly ChartDependency[]): string {
  return sha256(`[${list(declared)},${list(locked)}]`);
}

/** What Helm 2 wrote into requirements.lock. helm: resolver.HashV2Req. */
export function oldDependencyDigest(declared: readonly ChartDependency[]): string {
  return sha256(`{"dependencies":${list(declared)}}`);
}

function list(dependencies: readonly ChartDependency[]): string {
  return `[${dependencies.map(encode).join(',')}]`;
}

/** The fields in the order of Go's struct. */
function encode(dependency: ChartDependency): string {
  const fields: [string, unknown][] = [
    ['name', dependency.name],
    ['version', dependency.version],
    ['repository', dependency.repository ?? ''],
    ['condition', dependency.condition],
    ['tags', dependency.tags],
    ['enabled', dependency.enabled],
    ['import-values', dependency['import-values']],
    ['alias', dependency.alias],
  ];
  const parts = fields
    .filter(([key, value]) => key === 'name' || key === 'repository' || !isEmpty(value))
    .map(([key, value]) => `${encodeJson(key)}:${encodeJson(value)}`);
  return `{${parts.join(',')}}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
