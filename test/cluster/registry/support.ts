import { SeededRandom } from '../../../src/base/random.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import type { FieldError } from '../../../src/cluster/registry/field-error.ts';
import { invalid } from '../../../src/cluster/registry/status.ts';
import type { Draft, Strategy, StrategyContext } from '../../../src/cluster/registry/strategy.ts';
import { clone } from '../../../src/cluster/registry/wire.ts';
import type { KubeObject } from '../../../src/kube/object.ts';

/** An object, or a part of one, as a test writes it. */
export type Json = Record<string, unknown>;

/** 2024-05-01T12:00:00Z */
export const NOW = Date.UTC(2024, 4, 1, 12);

/** What came of a request. */
export interface Outcome {
  readonly object: KubeObject & Json;
  /** The message of the Status that a client would get; undefined if nothing is wrong. */
  readonly message: string | undefined;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
  /** True if an update made a new generation. */
  readonly isNewGeneration: boolean;
}

/** The strategy of a kind; throws for kinds that there are not. */
export function strategyOf(key: string): Strategy {
  const strategy = builtinStrategies().get(key);
  if (strategy === undefined) throw new Error(`no strategy for ${key}`);
  return strategy;
}

/** The strategy of an object's kind. */
export function strategyFor({ apiVersion, kind }: Json): Strategy {
  const group = String(apiVersion).includes('/') ? String(apiVersion).split('/')[0] : '';
  for (const strategy of builtinStrategies().values()) {
    if (strategy.type.group === group && strategy.type.kind === kind) return strategy;
  }
  throw new Error(`no strategy for ${String(apiVersion)} ${String(kind)}`);
}

interface Surroundings {
  readonly stored?: readonly Json[];
  readonly subresource?: string;
  readonly seed?: string;
}

function contextOf(
  { stored = [], subresource = '', seed = 'seed' }: Surroundings,
  warnings: string[],
): StrategyContext {
  return {
    now: NOW,
    random: new SeededRandom(seed),
    user: { name: 'jane', groups: ['crew', 'system:authenticated'] },
    subresource,
    list: ({ kind }) => stored.filter((object) => object['kind'] === kind) as unknown as KubeObject[],
    get: ({ kind }, namespace, name) =>
      (stored as unknown as KubeObject[]).find(
        (object) =>
          object.kind === kind &&
          object.metadata.name === name &&
          object.metadata.namespace === (namespace ?? undefined),
      ),
    warn: (message) => warnings.push(message),
    outside: () => {
      throw new Error('strategies of built-in kinds need nothing from outside');
    },
  };
}

function draftOf(object: Json): Draft {
  const draft = clone(object) as Draft;
  const metadata = (draft.metadata ??= {});
  metadata['name'] ??= 'web';
  metadata['uid'] ??= 'd0a5-4c2e';
  return draft;
}

function outcome(strategy: Strategy, draft: Draft, errors: readonly FieldError[], more: Partial<Outcome>): Outcome {
  const { metadata } = draft;
  const name = String(metadata['name']);
  return {
    object: draft,
    errors,
    message: errors.length === 0 ? undefined : invalid(strategy.type, name, errors).message,
    warnings: [],
    isNewGeneration: false,
    ...more,
  };
}

/** What a create of the object gives. */
export function create(object: Json, surroundings: Surroundings = {}): Outcome {
  const strategy = strategyFor(object);
  const warnings: string[] = [];
  const context = contextOf(surroundings, warnings);
  const draft = draftOf(object);
  strategy.applyDefaults(draft);
  strategy.prepareForCreate(draft, context);
  const refused = strategy.allocate?.(draft, undefined, context) ?? [];
  const errors = [...refused, ...strategy.validateCreate(draft, context)];
  return outcome(strategy, draft, errors, { warnings });
}

/** A stored object: what a create of it gives, which has to be right. */
export function stored(object: Json, surroundings: Surroundings = {}): KubeObject & Json {
  const { object: created, message } = create(object, surroundings);
  if (message !== undefined) throw new Error(message);
  return created;
}

/** What an update of a stored object gives. */
export function update(old: Json, change: (draft: Json) => void, surroundings: Surroundings = {}): Outcome {
  const strategy = strategyFor(old);
  const warnings: string[] = [];
  const context = contextOf(surroundings, warnings);
  const before = old as unknown as KubeObject;
  const draft = draftOf(old);
  change(draft);
  strategy.applyDefaults(draft);
  strategy.prepareForUpdate(draft, before, context);
  const refused = context.subresource === '' ? (strategy.allocate?.(draft, before, context) ?? []) : [];
  const after = draft as unknown as KubeObject;
  const errors = [...refused, ...strategy.validateUpdate(after, before, context)];
  return outcome(strategy, draft, errors, { warnings, isNewGeneration: strategy.changesGeneration(after, before) });
}

/** Puts a value at a path like `spec.template.spec.containers[0].image`; undefined takes the field away. */
export function set(object: Json, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  let at: Json = object;
  for (const [i, key] of keys.entries()) {
    at[key] ??= /^\d+$/.test(keys[i + 1] ?? last) ? [] : {};
    at = at[key] as Json;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** A copy with values at paths. */
export function withValues(object: Json, values: Json): Json {
  const copy = clone(object);
  for (const [path, value] of Object.entries(values)) set(copy, path, value);
  return copy;
}

const CONTAINER = { name: 'app', image: 'nginx:1.25' };
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [CONTAINER] } };
const SELECTOR = { matchLabels: { app: 'web' } };

/** A small right object of a kind, with values at paths. */
export const make = {
  pod: (values: Json = {}): Json =>
    withValues({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [CONTAINER] } }, values),
  deployment: (values: Json = {}): Json =>
    withValues(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec: { selector: SELECTOR, template: TEMPLATE } },
      values,
    ),
  statefulSet: (values: Json = {}): Json =>
    withValues(
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: {},
        spec: { serviceName: 'web', selector: SELECTOR, template: TEMPLATE },
      },
      values,
    ),
  daemonSet: (values: Json = {}): Json =>
    withValues(
      { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {}, spec: { selector: SELECTOR, template: TEMPLATE } },
      values,
    ),
  job: (values: Json = {}): Json =>
    withValues(
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {},
        spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } },
      },
      values,
    ),
  cronJob: (values: Json = {}): Json =>
    withValues(
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: {},
        spec: {
          schedule: '*/5 * * * *',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } } },
        },
      },
      values,
    ),
  service: (values: Json = {}): Json =>
    withValues(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'default' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
      values,
    ),
  claim: (values: Json = {}): Json =>
    withValues(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {},
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
      values,
    ),
};
