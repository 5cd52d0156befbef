import type { ListOptions } from '../../../client/kube-client.ts';
import { type FieldMatcher, parseFieldSelector } from '../../../kube/fields.ts';
import { parseLabelSelector, type RequirementsMatcher, SelectorError } from '../../../kube/labels.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { badRequest } from '../../registry/status.ts';
import type { Strategy } from '../../registry/strategy.ts';
import type { Served } from '../served-resources.ts';

/** Which objects of a resource a list or watch is about, apart from their namespace. */
export interface Selection {
  /** True when every object is selected. */
  readonly everything: boolean;
  /** The only name that is selected, if the field selector says so. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

const EVERYTHING: Selection = { everything: true, name: undefined, matches: () => true };

const META_FIELDS = ['metadata.name', 'metadata.namespace'];

/**
 * Reads the selectors of a request.
 *
 * @throws StatusError 400 for what cannot be read, and for fields that the resource does not select by
 */
export function selectionOf(
  { strategy }: Served,
  { labelSelector = '', fieldSelector = '' }: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Selection {
  if (labelSelector === '' && fieldSelector === '') return EVERYTHING;
  const labels = parse(() => parseLabelSelector(labelSelector));
  const fields = parse(() => parseFieldSelector(fieldSelector));
  checkFields(strategy, fields);
  const name = fields.requirements.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value;
  const matchesFields = fieldTest(strategy, fields);
  return {
    everything: false,
    name,
    matches: (object) => labels.matches(object.metadata.labels) && matchesFields(object),
  };
}

function parse<T extends RequirementsMatcher | FieldMatcher>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function fieldTest(strategy: Strategy, fields: FieldMatcher): (object: KubeObject) => boolean {
  if (fields.requirements.length === 0) return () => true;
  const onlyMeta = fields.requirements.every(({ field }) => META_FIELDS.includes(field));
  if (!onlyMeta) return (object) => fields.matches(allFields(strategy, object));
  return ({ metadata: { name = '', namespace = '' } }) =>
    fields.matches({ 'metadata.name': name, 'metadata.namespace': namespace });
}

const known = new WeakMap<KubeObject, Readonly<Record<string, string>>>();

/** Everything that an object can be selected by; computed once for all watches. */
function allFields(strategy: Strategy, object: KubeObject): Readonly<Record<string, string>> {
  let fields = known.get(object);
  if (fields === undefined) {
    const { name = '', namespace = '' } = object.metadata;
    fields = { ...strategy.selectableFields?.(object), 'metadata.name': name, 'metadata.namespace': namespace };
    known.set(object, fields);
  }
  return fields;
}

const fieldNames = new WeakMap<Strategy, ReadonlySet<string>>();

/** The fields that a resource can be selected by, besides name and namespace. */
function selectableFields(strategy: Strategy): ReadonlySet<string> {
  let names = fieldNames.get(strategy);
  if (names === undefined) {
    const { group, version, kind } = strategy.type;
    const empty = { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata: {} };
    names = new Set(Object.keys(strategy.selectableFields?.(empty) ?? {}));
    fieldNames.set(strategy, names);
  }
  return names;
}

function checkFields(strategy: Strategy, fields: FieldMatcher): void {
  for (const { field } of fields.requirements) {
    if (META_FIELDS.includes(field)) continue;
    const known = selectableFields(strategy);
    if (known.has(field)) continue;
    throw badRequest(
      known.size > 0
        ? `field label not supported: ${field}`
        : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
}
