import { isObject } from '../../../base/json.ts';
import { DecodeError, decodeObject } from '../../../kube/decode.ts';
import { cloneJson } from '../../../kube/clone.ts';
import { equalityMatcher, formatLabelSelector } from '../../../kube/labels.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { badRequest, conflict, invalid, unknownPath } from '../../registry/status.ts';
import type { Draft, ScalePaths } from '../../registry/strategy.ts';
import type { StoreEntry } from '../../store/store.ts';
import type { Core, Operation } from '../rest/core.ts';
import { applyConfiguration } from '../rest/field-managers.ts';
import { applyPatch, type Patch } from '../rest/patch.ts';
import { requireStored, updateObject } from '../rest/update.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface Scale extends KubeObject {
  readonly spec: { readonly replicas?: number };
}

/** The Scale of an object. autoscaling/v1 */
export function readScale(core: Core, operation: Operation): KubeObject {
  return scaleOf(requireStored(core, operation).value, pathsOf(operation));
}

/** Sets the replicas of an object by a new Scale. */
export function updateScale(core: Core, operation: Operation, body: unknown): KubeObject {
  const entry = requireStored(core, operation);
  return writeScale(core, operation, entry, decodeScale(operation, body));
}

/** Sets the replicas of an object by a patch of its Scale. */
export function patchScale(core: Core, operation: Operation, patch: Patch): KubeObject {
  const entry = requireStored(core, operation);
  const scale = scaleOf(entry.value, pathsOf(operation));
  if (patch.type === 'apply') {
    if (!isObject(patch.body)) throw badRequest('error decoding YAML: the body of an apply patch is an object');
    const served = { ...operation.served, type: { ...operation.served.type, ...SCALE } };
    const configuration = { live: scale, body: patch.body, force: patch.force, now: core.clock.now() };
    const applied = applyConfiguration({ ...operation, served }, configuration);
    return writeScale(core, operation, entry, applied as Scale);
  }
  return writeScale(core, operation, entry, decodeScale(operation, applyPatch(SCALE, scale, patch)));
}

function pathsOf({ served }: Operation): ScalePaths {
  const { scale } = served.strategy;
  if (scale === undefined) throw unknownPath();
  return scale;
}

function decodeScale(operation: Operation, body: unknown): Scale {
  try {
    const { object } = decodeObject(SCALE, body, operation.fieldValidation);
    return { ...object, spec: isObject(object['spec']) ? object['spec'] : {} };
  } catch (error) {
    if (error instanceof DecodeError) throw error.toStatusError(SCALE);
    throw error;
  }
}

function writeScale(core: Core, operation: Operation, entry: StoreEntry, scale: Scale): KubeObject {
  const { served, name } = operation;
  const paths = pathsOf(operation);
  const { replicas = 0 } = scale.spec;
  const { resourceVersion = '', uid = '', name: own = name } = scale.metadata;
  if (own !== name) throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  if (replicas < 0) {
    const detail = 'must be greater than or equal to 0';
    throw invalid(SCALE, name, [{ type: 'FieldValueInvalid', field: 'spec.replicas', badValue: replicas, detail }]);
  }
  if (resourceVersion !== '' && resourceVersion !== String(entry.modRevision)) throw conflict(served.type, name);
  if (uid !== '' && uid !== entry.value.metadata.uid) {
    const actual = entry.value.metadata.uid ?? '';
    throw conflict(
      served.type,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`,
    );
  }
  const draft = cloneJson(entry.value) as Draft;
  setAt(draft, paths.replicas, replicas);
  return scaleOf(updateObject(core, operation, entry, draft, { as: '' }), paths);
}

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = numberAt(object, paths.replicas);
  const selector = selectorText(valueAt(object, paths.selector));
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === '' ? {} : { selector }) },
  };
}

function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!isObject(selector)) return '';
  const isLabelSelector = 'matchLabels' in selector || 'matchExpressions' in selector;
  if (isLabelSelector || Object.keys(selector).length === 0) return formatLabelSelector(selector);
  return equalityMatcher(selector as Record<string, string>).toString();
}

function numberAt(object: KubeObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function valueAt(object: object, path: string): unknown {
  let value: unknown = object;
  for (const key of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function setAt(draft: Draft, path: string, value: number): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: Record<string, unknown> = draft;
  for (const key of keys) {
    const next = at[key];
    if (isObject(next)) at = next;
    else {
      const made: Record<string, unknown> = {};
      at[key] = made;
      at = made;
    }
  }
  at[last] = value;
}
