import type { Random } from '../../../base/random.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { UserInfo } from '../request.ts';

/** What a request is about to do, for admission. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly type: ResourceType;
  readonly subresource: string;
  readonly namespace: string;
  /** Before the name is generated, the prefix of it. */
  readonly name: string;
  /** The new state, which {@link AdmissionPlugin.admit} may change; undefined for DELETE. */
  readonly draft: Draft | undefined;
  readonly old: KubeObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** ms since the epoch */
  readonly now: number;
  readonly random: Random;
  /** Committed state. */
  readonly get: (type: ResourceType, namespace: string | undefined, name: string) => KubeObject | undefined;
  readonly list: (type: Pick<ResourceType, 'group' | 'resource'>, namespace?: string) => readonly KubeObject[];
  readonly warn: (message: string) => void;
}

/**
 * A rule of the cluster that is no rule of one kind: it completes or refuses objects. Both methods throw StatusErrors.
 * Kubernetes runs `admit` of all plugins before the object is validated, `validate` of all after it.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** `group/resource` of what it looks at; undefined: everything. */
  readonly resources: readonly string[] | undefined;
  admit?(request: AdmissionRequest): void;
  validate?(request: AdmissionRequest): void;
}
