import type { Namespace } from '../../../kube/api/core-v1.generated.ts';
import { isQualifiedName, nameIsDnsLabel } from '../../../kube/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { clone, type Edit, type Loose } from '../wire.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const OWN_FINALIZER = 'kubernetes';
const FINALIZERS: ReadonlySet<string> = new Set([OWN_FINALIZER, 'orphan', 'foregroundDeletion']);

/** kubernetes: pkg/registry/core/namespace/strategy.go */
export function namespaceStrategy(): Strategy {
  return defineStrategy<Namespace>({
    type: resourceType('v1', 'Namespace', 'namespaces', {
      clusterScoped: true,
      shortNames: ['ns'],
      subresources: ['finalize', 'status'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    }),
    name: nameIsDnsLabel,
    defaults: labelWithName,
    prepareForCreate: (namespace) => {
      labelWithName(namespace);
      namespace.status = { phase: 'Active' };
      const spec = (namespace.spec ??= {});
      const finalizers = spec.finalizers ?? [];
      if (!finalizers.includes(OWN_FINALIZER)) spec.finalizers = [...finalizers, OWN_FINALIZER];
    },
    prepareForUpdate: keepFinalizers,
    validate: ({ spec = {} }, faults) => {
      for (const name of spec.finalizers ?? []) checkFinalizer(name, 'spec.finalizers', faults);
    },
    validateStatus: ({ metadata = {}, status = {} }, _old, faults) => {
      const phase = status.phase ?? '';
      const at = 'status.Phase';
      if (metadata.deletionTimestamp === undefined) {
        if (phase !== 'Active') faults.invalid(at, phase, "may only be 'Active' if `deletionTimestamp` is empty");
      } else if (phase !== 'Terminating') {
        faults.invalid(at, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
      }
    },
    subresources: {
      finalize: {
        prepare: (namespace, old) => {
          if (old.status === undefined) delete namespace.status;
          else namespace.status = clone(old.status) as NonNullable<Edit<Namespace>['status']>;
        },
        validate: ({ spec = {} }, _old, faults) => {
          spec.finalizers?.forEach((name, i) => checkFinalizer(name, `spec.finalizers[${i}]`, faults));
        },
      },
    },
    selectableFields: ({ metadata = {}, status = {} }) => ({
      'status.phase': status.phase ?? '',
      name: metadata.name ?? '',
    }),
  });
}

function labelWithName({ metadata }: Edit<Namespace>): void {
  const name = metadata?.name ?? '';
  if (metadata === undefined || name === '' || metadata.labels?.[NAME_LABEL] === name) return;
  metadata.labels = { ...metadata.labels, [NAME_LABEL]: name };
}

function keepFinalizers(namespace: Edit<Namespace>, old: Loose<Namespace>): void {
  if (old.spec?.finalizers === undefined) delete namespace.spec;
  else namespace.spec = { ...namespace.spec, finalizers: [...old.spec.finalizers] };
}

function checkFinalizer(name: string, path: string, faults: Faults): void {
  faults.invalidEach(path, name, isQualifiedName(name));
  if (!name.includes('/') && !FINALIZERS.has(name)) {
    faults.invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified');
  }
}
