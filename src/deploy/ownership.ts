import { inParallel } from '../base/in-parallel.ts';
import { PintleError } from '../base/errors.ts';
import type { KubeClient, KubeReader } from '../client/kube-client.ts';
import type { KubeObject } from '../kube/object.ts';
import { isStatus, StatusError } from '../kube/status-error.ts';
import { FIELD_MANAGER } from './environment.ts';
import { describeResource, type Resource } from './resource.ts';

/** Objects that are read at the same time. */
const PARALLEL = 8;
const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const MANAGED_BY = 'Helm';
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';

/** Which release an object belongs to. */
export interface Owner {
  readonly name: string;
  readonly namespace: string;
}

/** The resource with the label and annotations by which Helm and Pintle know what belongs to a release. */
export function withOwner(resource: Resource, owner: Owner): Resource {
  const { metadata } = resource.object;
  return {
    ...resource,
    object: {
      ...resource.object,
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, [MANAGED_BY_LABEL]: MANAGED_BY },
        annotations: { ...metadata.annotations, [RELEASE_NAME]: owner.name, [RELEASE_NAMESPACE]: owner.namespace },
      },
    },
  };
}

/**
 * Those of the resources that exist already and may be taken over.
 *
 * @param takeOwnership adopt whatever exists (`--take-ownership`)
 * @throws PintleError `ownership-conflict` for an object that belongs to somebody else (Helm's text)
 */
export async function findAdoptable(
  client: KubeClient,
  resources: readonly Resource[],
  owner: Owner,
  takeOwnership: boolean,
): Promise<Resource[]> {
  const found = await inParallel(resources, PARALLEL, async (resource) => {
    const { metadata } = resource.object;
    if (metadata.generateName !== undefined && metadata.generateName !== '') {
      if (resource.key.name === '') return [];
      throw new PintleError('manifest-invalid', 'metadata.name and metadata.generateName cannot both be set');
    }
    const live = await lookAt(client, resource);
    if (live === undefined) return [];
    if (!takeOwnership) {
      const faults = ownershipFaults(live, owner);
      if (faults.length > 0) {
        throw new PintleError(
          'ownership-conflict',
          `${describeResource(resource)} exists and cannot be imported into the current release: invalid ownership metadata; ${faults.join('; ')}`,
          { hint: hintFor(live) },
        );
      }
    }
    return [resource];
  });
  return found.flat();
}

async function lookAt(client: KubeClient, resource: Resource): Promise<KubeObject | undefined> {
  try {
    return await getOrUndefined(client, resource);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const message = `could not get information about the resource ${describeResource(resource)}: ${error.message}`;
    throw new PintleError('api-error', message, { cause: error });
  }
}

/** Those of the resources that exist and belong to the release. */
export async function findOwned(client: KubeClient, resources: readonly Resource[], owner: Owner): Promise<Resource[]> {
  const found = await inParallel(resources, PARALLEL, async (resource) => {
    const live = await getOrUndefined(client, resource);
    return live !== undefined && ownershipFaults(live, owner).length === 0 ? [resource] : [];
  });
  return found.flat();
}

/**
 * Those of the resources that exist and that the release has made: they are marked as its own, or have no marks and were written by
 * Helm or this program.
 */
export async function findMade(client: KubeReader, resources: readonly Resource[], owner: Owner): Promise<Resource[]> {
  const found = await inParallel(resources, PARALLEL, async (resource) => {
    const live = await getOrUndefined(client, resource);
    if (live === undefined) return [];
    const { annotations, managedFields = [] } = live.metadata;
    const name = annotations?.[RELEASE_NAME];
    if (name !== undefined) return isOwned(live, owner) ? [resource] : [];
    // An object without any field of its own has no managers.
    const isOurs = managedFields.length === 0 || managedFields.some(({ manager }) => manager === FIELD_MANAGER);
    return isOurs ? [resource] : [];
  });
  return found.flat();
}

function isOwned({ metadata }: KubeObject, { name, namespace }: Owner): boolean {
  const { [RELEASE_NAME]: ownName, [RELEASE_NAMESPACE]: ownNamespace = namespace } = metadata.annotations ?? {};
  return ownName === name && ownNamespace === namespace;
}

/** The live object, or undefined when there is none. */
export async function getOrUndefined(client: KubeReader, resource: Resource): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource.type, resource.key);
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

function ownershipFaults(live: KubeObject, owner: Owner): string[] {
  const faults: string[] = [];
  const check = (
    what: string,
    map: Readonly<Record<string, string>> | undefined,
    key: string,
    wanted: string,
  ): void => {
    const actual = map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
    if (actual === undefined) faults.push(`${what} validation error: missing key "${key}": must be set to "${wanted}"`);
    else if (actual !== wanted) {
      faults.push(`${what} validation error: key "${key}" must equal "${wanted}": current value is "${actual}"`);
    }
  };
  check('label', live.metadata.labels, MANAGED_BY_LABEL, MANAGED_BY);
  check('annotation', live.metadata.annotations, RELEASE_NAME, owner.name);
  check('annotation', live.metadata.annotations, RELEASE_NAMESPACE, owner.namespace);
  return faults;
}

function hintFor(live: KubeObject): string {
  const name = live.metadata.annotations?.[RELEASE_NAME];
  if (name !== undefined) {
    return `the object belongs to release "${name}" in namespace "${live.metadata.annotations?.[RELEASE_NAMESPACE] ?? ''}"; rename yours, or take it over with --take-ownership`;
  }
  const manager = live.metadata.managedFields?.[0]?.manager;
  const by = manager === undefined ? '' : ` (it was made by ${manager})`;
  return `the object belongs to no release${by}; rename yours, delete it, or take it over with --take-ownership`;
}
