import type { Random } from '../../../base/random.ts';
import type { GroupVersionKind, KubeObject, ResourceType } from '../../../kube/object.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { CelLibrary } from '../cel/cel-library.ts';
import type { Outside } from '../outside.ts';
import type { UserInfo } from '../request.ts';
import type { MutationListener, WebhookClient } from '../webhooks/webhook-client.ts';

/** What a request is about to do, for admission. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly type: ResourceType;
  /** Of the object: that of the resource, or of its subresource (`Eviction`, `Scale`, …). */
  readonly kind: GroupVersionKind;
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
  /** A note for the audit log. */
  readonly audit: (key: string, value: string) => void;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions of the request. */
  readonly options: object;
  /** Fills in the defaults of the object's kind. */
  readonly applyDefaults: (draft: Draft) => void;
  /** The object in another version of its kind. */
  readonly convert: (object: KubeObject, version: string) => KubeObject;
  /** The served resource of a kind. */
  readonly resourceFor: (kind: GroupVersionKind) => ResourceType | undefined;
  /** All served versions of the resource, that of the request first. */
  readonly versions: () => readonly ResourceType[];
  /** @throws PendingWork while the language is not loaded */
  readonly cel: () => CelLibrary;
  readonly outside: Outside;
  readonly webhooks: () => WebhookClient;
  readonly mutated: MutationListener;
  /** What plugins remember between the rounds in which objects are changed. */
  readonly rounds: MutationRounds;
  /** The same once more, after a webhook has changed the object. */
  secondRound(): AdmissionRequest;
}

/** Plugins that change objects run again, once, when a webhook has changed one after them. */
export interface MutationRounds {
  readonly again: boolean;
  needed: boolean;
  readonly notes: Map<string, unknown>;
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
