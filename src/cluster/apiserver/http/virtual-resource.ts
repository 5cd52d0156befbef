import type { KubeList, KubeObject, ResourceType } from '../../../kube/object.ts';
import type { UserInfo } from '../request.ts';
import type { Column } from '../table/columns.ts';

/** A request for something that no store holds. */
export interface VirtualCall {
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  /** Of creations. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly query: URLSearchParams;
  /** What the client says that it is. */
  readonly userAgent: string | undefined;
}

/** A resource, or a subresource of a stored one, that is worked out when it is asked for. */
export interface VirtualResource {
  readonly type: ResourceType;
  /** '' for a resource of its own, which discovery then shows. */
  readonly subresource: string;
  readonly columns?: readonly Column[];
  /** @throws StatusError */
  answer(call: VirtualCall): Promise<{ readonly code: number; readonly body: KubeObject | KubeList }>;
}

/** A type that is only asked, never kept. */
export function virtualType(
  [group, resource, kind]: readonly [group: string, resource: string, kind: string],
  options: { readonly version?: string; readonly namespaced?: boolean; readonly verbs?: readonly string[] } = {},
): ResourceType {
  return {
    group,
    version: options.version ?? 'v1',
    kind,
    resource,
    singular: kind.toLowerCase(),
    namespaced: options.namespaced ?? false,
    shortNames: [],
    categories: [],
    verbs: options.verbs ?? ['create'],
    subresources: [],
  };
}
