import type { KubeReader } from '../client/kube-client.ts';
import { builtinStrategies } from '../cluster/registry/builtins.ts';
import type { Resource } from '../deploy/resource.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { StatusError } from '../kube/status-error.ts';

/** Whether a simulated cluster serves a resource by itself. */
export function isBuiltin(type: ResourceType): boolean {
  return builtinStrategies().get(`${type.group}/${type.resource}`)?.type.version === type.version;
}

/**
 * The definitions of all kinds among the objects that a simulated cluster does not have: those of the cluster, and for what
 * other servers serve there one that takes every field.
 */
export async function definitionsFor(client: KubeReader, touched: readonly Resource[]): Promise<readonly KubeObject[]> {
  const types = new Map(
    touched.filter(({ type }) => !isBuiltin(type)).map(({ type }) => [`${type.resource}.${type.group}`, type]),
  );
  const found: KubeObject[] = [];
  for (const [name, type] of types) {
    const definition = RESOURCES.customResourceDefinitions;
    found.push((await definitionNamed(client, definition, name)) ?? openDefinition(name, type));
  }
  return found;
}

async function definitionNamed(client: KubeReader, type: ResourceType, name: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(type, { name });
  } catch (error) {
    if (error instanceof StatusError && (error.code === 404 || error.code === 403)) return undefined;
    throw error;
  }
}

function openDefinition(name: string, type: ResourceType): KubeObject {
  const { group, version, kind, resource, singular, namespaced } = type;
  const names = { kind, plural: resource, singular, listKind: `${kind}List` };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, uid: `definition-${name}` },
    spec: {
      group,
      names,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
    status: {
      acceptedNames: names,
      storedVersions: [version],
      conditions: ['NamesAccepted', 'Established'].map((each) => ({ type: each, status: 'True', reason: each })),
    },
  };
}
