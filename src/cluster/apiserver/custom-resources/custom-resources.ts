import type { CustomResourceDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import { cloneJson } from '../../../kube/clone.ts';
import { customResourceType } from '../../../kube/custom-resource-type.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Store, StoreEntry } from '../../store/store.ts';
import { commitPut } from '../rest/commit.ts';
import type { Core, Operation } from '../rest/core.ts';
import { deleteObject } from '../rest/delete.ts';
import { setMeta } from '../rest/object-meta.ts';
import { formatTime } from '../../machinery/time.ts';
import { updateObject } from '../rest/update.ts';
import type { CelSource } from '../cel/cel-source.ts';
import type { Column } from '../table/columns.ts';
import { bucketOf, type CustomResourceSource, type Served } from '../served-resources.ts';
import type { WebhookClient } from '../webhooks/webhook-client.ts';
import { converterTo } from './conversion.ts';
import { CustomStrategy } from './custom-strategy.ts';
import { definitionStatus, isEstablished } from './definition-status.ts';
import { printerColumns } from './printer-columns.ts';
import { prune } from './structural-schema.ts';

const DEFINITIONS = bucketOf(RESOURCES.customResourceDefinitions);
const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

type Definition = KubeObject & CustomResourceDefinition;

/** Serves what CustomResourceDefinitions define, as soon as they are stored. */
export class CustomResources implements CustomResourceSource {
  readonly #store: Store;
  readonly #byDefinition = new WeakMap<KubeObject, readonly Served[]>();
  #definitions: readonly StoreEntry[] | undefined;
  #list: readonly Served[] = [];

  readonly #cel: CelSource;

  readonly #webhooks: () => WebhookClient;

  constructor(store: Store, cel: CelSource, webhooks: () => WebhookClient) {
    this.#store = store;
    this.#cel = cel;
    this.#webhooks = webhooks;
  }

  list(): readonly Served[] {
    const definitions = this.#store.list(DEFINITIONS);
    if (definitions !== this.#definitions) {
      this.#definitions = definitions;
      this.#list = definitions.flatMap(({ value }) => this.#servedBy(value as Definition));
    }
    return this.#list;
  }

  /** Before a definition goes, its objects do; those that have finalizers hold it. */
  beforeDelete(core: Core, operation: Operation): void {
    if (operation.served.bucket !== DEFINITIONS || operation.dryRun) return;
    const entry = core.store.get(DEFINITIONS, '', operation.name);
    if (entry === undefined) return;
    const [first] = this.#servedBy(entry.value as Definition);
    if (first === undefined) return;
    // They go in whatever version they are stored.
    const { convert: _convert, ...served } = first;
    for (const { namespace, name } of core.store.list(served.bucket)) {
      deleteObject(core, { ...operation, served, namespace, name, subresource: '' });
    }
    const { finalizers = [] } = entry.value.metadata;
    if (core.store.count(served.bucket) === 0 || finalizers.includes(CLEANUP_FINALIZER)) return;
    const draft = cloneJson(entry.value) as Draft;
    setMeta(draft, 'finalizers', [...finalizers, CLEANUP_FINALIZER]);
    commitPut(core, operation, draft, entry.modRevision);
  }

  /** After a write: new names are accepted, and a definition that waits for its last object goes. */
  afterCommit(core: Core, operation: Operation): void {
    if (operation.served.bucket === DEFINITIONS) this.#accept(core, operation);
    else if (operation.served.prune !== undefined) this.#finish(core, operation);
  }

  #accept(core: Core, operation: Operation): void {
    for (const entry of core.store.list(DEFINITIONS)) {
      const definition = entry.value as Definition;
      const others = core.store.list(DEFINITIONS).filter((other) => other.name !== entry.name);
      const status = definitionStatus(
        definition,
        others.map((other) => other.value as Definition),
        formatTime(core.clock.now()),
      );
      if (deepEqual(status, definition.status)) continue;
      const draft = cloneJson(entry.value) as Draft;
      draft['status'] = status;
      commitPut(core, { ...operation, name: entry.name, namespace: '' }, draft, entry.modRevision);
    }
  }

  #finish(core: Core, operation: Operation): void {
    const { type, bucket } = operation.served;
    const name = `${type.resource}.${type.group}`;
    const entry = core.store.get(DEFINITIONS, '', name);
    if (entry?.value.metadata.deletionTimestamp === undefined || core.store.count(bucket) > 0) return;
    const draft = cloneJson(entry.value) as Draft;
    const kept = (entry.value.metadata.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER);
    setMeta(draft, 'finalizers', kept.length === 0 ? undefined : kept);
    const served = core.served.find(RESOURCES.customResourceDefinitions);
    updateObject(core, { ...operation, served, namespace: '', name, subresource: '' }, entry, draft);
  }

  #servedBy(definition: Definition): readonly Served[] {
    let served = this.#byDefinition.get(definition);
    if (served === undefined) {
      served = isEstablished(definition) ? versionsOf(definition, this.#cel, this.#webhooks) : [];
      this.#byDefinition.set(definition, served);
    }
    return served;
  }
}

/** Every served version, the one that discovery prefers first. */
function versionsOf({ spec }: Definition, cel: CelSource, webhooks: () => WebhookClient): readonly Served[] {
  if (spec === undefined) return [];
  const versions = (spec.versions ?? []).filter((version) => version.served);
  return versions.map((version) => {
    const strategy = new CustomStrategy(spec, version, cel);
    const schema = version.schema?.openAPIV3Schema;
    let columns: readonly Column[] | undefined;
    const keepsUnknown = spec.preserveUnknownFields === true || schema === undefined;
    return {
      type: strategy.type,
      strategy,
      bucket: bucketOf(strategy.type),
      columns: () => (columns ??= printerColumns(version.additionalPrinterColumns ?? [])),
      applyType: () => (schema === undefined ? undefined : customResourceType(schema)),
      prune: keepsUnknown ? () => [] : (object) => prune(object, schema),
      ...((spec.versions ?? []).length > 1 ? { convert: converterTo(strategy.type, spec.conversion, webhooks) } : {}),
    };
  });
}
