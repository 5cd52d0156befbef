import { PintleError } from '../base/errors.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { groupVersionKind, type KubeObject, type ObjectKey, type ResourceType } from '../kube/object.ts';
import { parseManifest, splitManifests } from '../yaml/index.ts';

const SOURCE = '# Source: ';

/** One object of a manifest together with the resource that serves it. */
export interface Resource {
  readonly type: ResourceType;
  readonly object: KubeObject;
  /** The namespace is absent for cluster-scoped kinds; the name is '' for `generateName`. */
  readonly key: ObjectKey;
  /** The document that it was read from, for errors. */
  readonly source?: DocumentSource;
}

/** A document of a manifest. */
export interface DocumentSource {
  /** The template that gave it, or what the manifest is called. */
  readonly file: string;
  readonly text: string;
}

/** How {@link buildResources} reads a manifest. */
export interface BuildOptions {
  /** For namespaced objects that name none. */
  readonly namespace: string;
  /** What to call the text in errors. */
  readonly file?: string;
  /** Drop objects whose kind the cluster does not serve instead of failing. */
  readonly skipUnknown?: boolean;
}

/** Identifies a resource within a release, versions aside. */
export function resourceId(resource: Resource): string {
  return `${resource.type.group}/${resource.type.kind}/${resource.key.namespace ?? ''}/${resource.key.name}`;
}

/** `Deployment/web`, as annotations name an object. */
export function nameOf({ type, key }: Resource): string {
  return `${type.kind}/${key.name}`;
}

/** `Deployment "web" in namespace "default"`, as Helm names an object. */
export function describeResource(resource: Resource): string {
  return `${resource.type.kind} "${resource.key.name}" in namespace "${resource.key.namespace ?? ''}"`;
}

/**
 * The objects of a manifest in its order, lists taken apart.
 *
 * @throws PintleError `manifest-invalid`, `no-kind-match` (all unknown kinds at once)
 */
export async function buildResources(client: KubeClient, manifest: string, options: BuildOptions): Promise<Resource[]> {
  const out: Resource[] = [];
  const unknown: string[] = [];
  for (const document of splitManifests(manifest)) {
    const value = parseManifest(document, { file: options.file ?? 'manifest' });
    const source = sourceOf(document, options.file ?? 'manifest');
    for (const object of flatten(value, document)) {
      const kind = groupVersionKind(object);
      const type = await client.resourceFor(kind);
      if (type === undefined) {
        if (options.skipUnknown === true) continue;
        unknown.push(
          `resource mapping not found for name: "${object.metadata.name ?? ''}" namespace: "${object.metadata.namespace ?? ''}" from "": no matches for kind "${kind.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
        );
        continue;
      }
      out.push({ ...toResource(type, object, options.namespace), source });
    }
  }
  if (unknown.length > 0) {
    throw new PintleError('no-kind-match', unknown.length === 1 ? unknown.join() : `[${unknown.join(', ')}]`, {
      hint: 'install the CustomResourceDefinition first, or check apiVersion and kind against this Kubernetes version',
    });
  }
  return out;
}

/** A document with the file that its first line names. */
function sourceOf(document: string, manifest: string): DocumentSource {
  if (!document.startsWith(SOURCE)) return { file: manifest, text: document };
  const end = document.indexOf('\n');
  if (end === -1) return { file: manifest, text: document };
  return { file: document.slice(SOURCE.length, end).trim(), text: document.slice(end + 1) };
}

function toResource(type: ResourceType, object: KubeObject, namespace: string): Resource {
  const name = object.metadata.name ?? '';
  if (!type.namespaced) return { type, object, key: { name } };
  const own = object.metadata.namespace ?? '';
  if (own !== '') return { type, object, key: { namespace: own, name } };
  return {
    type,
    object: { ...object, metadata: { ...object.metadata, namespace } },
    key: { namespace, name },
  };
}

function flatten(value: unknown, text: string): KubeObject[] {
  if (value === null || value === undefined) return [];
  const object = value as Partial<KubeObject> & { readonly items?: readonly unknown[] };
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new PintleError('manifest-invalid', 'a manifest must be an object with apiVersion, kind and metadata', {
      location: { file: 'manifest', line: 1, column: 1, source: text },
    });
  }
  if (typeof object.kind !== 'string' || object.kind === '') {
    throw new PintleError('manifest-invalid', "Object 'Kind' is missing in the manifest", {
      location: { file: 'manifest', line: 1, column: 1, source: text },
    });
  }
  if (typeof object.apiVersion !== 'string' || object.apiVersion === '') {
    throw new PintleError('manifest-invalid', 'apiVersion not set', {
      location: { file: 'manifest', line: 1, column: 1, source: text },
    });
  }
  if (object.kind.endsWith('List') && Array.isArray(object.items))
    return object.items.flatMap((item) => flatten(item, text));
  return [{ ...object, metadata: object.metadata ?? {} } as KubeObject];
}
