import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { reword } from '../base/reword.ts';
import { crdObjects } from '../chart/crds.ts';
import type { Chart } from '../chart/chart.ts';
import { retryTransient } from '../client/retry.ts';
import { FIELD_MANAGER } from '../deploy/environment.ts';
import { getOrUndefined } from '../deploy/ownership.ts';
import { buildResources, type Resource } from '../deploy/resource.ts';
import { waitReady } from '../deploy/wait.ts';
import { createObject } from '../deploy/write-object.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { isStatus } from '../kube/status-error.ts';
import type { ActionContext } from './context.ts';
import { failure, stopIfInterrupted } from './failure.ts';

/** What becomes of a chart's definitions: left out, created where there are none, or also brought up to date. */
export type DefinitionPolicy = 'skip' | 'create' | 'create-replace';

/** How definitions are brought to the cluster. */
interface DefinitionOptions {
  readonly policy: DefinitionPolicy;
  readonly serverSide: boolean;
}

const ESTABLISHED_TIMEOUT = 60_000;
/** Objects that are looked at before a definition is replaced. */
const PAGE = 500;
const SHOWN = 5;

/**
 * Brings the definitions in a chart's `crds/` to the cluster and waits until they are established.
 *
 * @throws PintleError `api-error`; `manifest-invalid` for a replacement that would lose what objects hold
 */
export async function bringDefinitions(
  context: ActionContext,
  chart: Chart,
  options: DefinitionOptions,
): Promise<void> {
  if (options.policy === 'skip') return;
  const changed: Resource[] = [];
  for (const file of crdObjects(chart)) {
    const resources = await buildResources(context.client, file.text, {
      namespace: context.namespace,
      file: file.name,
    });
    for (const resource of resources) {
      stopIfInterrupted(context);
      try {
        if (await bring(context, resource, options)) changed.push(resource);
      } catch (error) {
        const cause = failure(error);
        throw reword(cause, `failed to install CRD ${file.name}: ${cause.message}`);
      }
    }
  }
  await waitReady(context, changed, { timeout: ESTABLISHED_TIMEOUT, mode: 'ready', signal: context.signal });
}

async function bring(
  context: ActionContext,
  resource: Resource,
  { policy, serverSide }: DefinitionOptions,
): Promise<boolean> {
  const { client, clock } = context;
  const live = await retryTransient(clock, () => getOrUndefined(client, resource));
  if (live === undefined) {
    try {
      await createObject(context, resource, { serverSide });
      return true;
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      return false;
    }
  }
  if (policy === 'create') {
    context.logger.log('info', `the definition ${resource.key.name} is there already; it is left as it is`);
    return false;
  }
  await checkReplacement(context, live, resource);
  await retryTransient(clock, () =>
    client.patch(resource.type, resource.key, 'apply', resource.object, {
      fieldManager: FIELD_MANAGER,
      fieldValidation: 'Strict',
      force: true,
    }),
  );
  return true;
}

type Fields = Readonly<Record<string, unknown>>;

interface Version {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly schema?: { readonly openAPIV3Schema?: Fields };
}

interface Definition {
  readonly group: string;
  readonly scope?: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly Version[];
}

/** Refuses a definition that existing objects do not fit in; all faults at once. */
async function checkReplacement(context: ActionContext, live: KubeObject, next: Resource): Promise<void> {
  const before = live['spec'] as Definition;
  const after = next.object['spec'] as Definition;
  const faults: string[] = [];
  if (before.scope !== undefined && after.scope !== undefined && before.scope !== after.scope) {
    faults.push(`its scope changes from ${before.scope} to ${after.scope}`);
  }
  const kept = new Set(after.versions.map(({ name }) => name));
  const stored = (live['status'] as { readonly storedVersions?: readonly string[] } | undefined)?.storedVersions ?? [];
  for (const version of stored) {
    if (!kept.has(version)) faults.push(`version ${version} is removed, but objects may still be stored in it`);
  }
  const served = new Set(after.versions.filter((each) => each.served !== false).map(({ name }) => name));
  const objects = await objectsOf(context, before);
  for (const { name, served: was } of before.versions) {
    if (
      was === true &&
      !served.has(name) &&
      objects.length > 0 &&
      !faults.some((fault) => fault.includes(`version ${name} `))
    ) {
      faults.push(`version ${name} is no longer served, and there are ${objects.length} objects`);
    }
  }
  faults.push(...lostFields(after, objects));
  if (faults.length === 0) return;
  throw new PintleError('manifest-invalid', `${next.key.name} cannot be replaced: ${faults.join('; ')}`, {
    hint: 'bring the objects into the new version first, or leave the definition as it is with --crds=create',
  });
}

async function objectsOf(context: ActionContext, definition: Definition): Promise<readonly KubeObject[]> {
  const version = definition.versions.find((each) => each.storage === true) ?? definition.versions[0];
  const type: ResourceType | undefined = await context.client.resourceFor({
    group: definition.group,
    version: version?.name ?? '',
    kind: definition.names.kind,
  });
  if (type === undefined) return [];
  const out: KubeObject[] = [];
  let token: string | undefined;
  do {
    const page = await retryTransient(context.clock, () => context.client.list(type, { limit: PAGE, continue: token }));
    out.push(...page.items);
    token = page.metadata?.continue;
  } while (token !== undefined && token !== '');
  return out;
}

/** Fields of objects that the new storage version would drop. */
function lostFields(definition: Definition, objects: readonly KubeObject[]): string[] {
  const schema = definition.versions.find((each) => each.storage === true)?.schema?.openAPIV3Schema;
  if (schema === undefined) return [];
  const lost = new Map<string, string[]>();
  for (const object of objects) {
    const { apiVersion: _, kind: __, metadata, ...rest } = object;
    for (const path of new Set(unknownFields(schema, rest, ''))) {
      const place = metadata.namespace === undefined ? '' : `${metadata.namespace}/`;
      lost.set(path, [...(lost.get(path) ?? []), `${place}${metadata.name ?? ''}`]);
    }
  }
  return [...lost].map(([path, names]) => {
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
    return `field ${path} goes, and ${names.slice(0, SHOWN).join(', ')}${more} use it`;
  });
}

function unknownFields(schema: Fields, value: unknown, path: string): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  if (Array.isArray(value)) {
    const items = schema['items'];
    return isObject(items) ? value.flatMap((item) => unknownFields(items, item, `${path}[]`)) : [];
  }
  if (!isObject(value)) return [];
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const additional = schema['additionalProperties'];
  return Object.entries(value).flatMap(([key, item]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (isObject(property)) return unknownFields(property, item, `${path}.${key}`);
    if (additional === true) return [];
    if (isObject(additional)) return unknownFields(additional, item, `${path}.*`);
    return [`${path}.${key}`];
  });
}
