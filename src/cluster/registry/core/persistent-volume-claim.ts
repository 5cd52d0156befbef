import type { PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { quantityOf, roundResources } from '../checks/resources.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkClaimSpec } from '../pod/claim-spec.ts';
import { applyClaimSpecDefaults } from '../pod/volume-defaults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

type Claim = Loose<PersistentVolumeClaim>;

/** kubernetes: pkg/registry/core/persistentvolumeclaim/strategy.go */
export function persistentVolumeClaimStrategy(): Strategy {
  return defineStrategy<PersistentVolumeClaim>({
    type: resourceType('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
      shortNames: ['pvc'],
      subresources: ['status'],
    }),
    defaults,
    prepareForCreate: (claim) => {
      claim.status = { phase: 'Pending' };
      linkDataSources(claim);
    },
    prepareForUpdate: (claim, _old, { subresource }) => {
      if (subresource !== 'status') linkDataSources(claim);
    },
    validate: ({ spec = {} }, faults) => checkClaimSpec(spec, 'spec', faults),
    validateUpdate,
    validateStatus: ({ spec = {}, status = {} }, _old, faults) => {
      if ((spec.accessModes ?? []).length === 0) faults.required('Spec.accessModes');
      for (const [name, value] of Object.entries(status.capacity ?? {})) {
        const quantity = quantityOf(value);
        if (quantity.nano >= 0n) continue;
        faults.invalid(
          `status.capacity[${name}]`,
          Number(quantity.nano / 1_000_000_000n),
          'must be a valid resource quantity',
        );
      }
    },
  });
}

function defaults(claim: Edit<PersistentVolumeClaim>): void {
  applyClaimSpecDefaults((claim.spec ??= {}));
  (claim.status ??= {}).phase ||= 'Pending';
  roundResources(claim.status.capacity);
}

/** `dataSource` and `dataSourceRef` say the same when only one of them is given. */
function linkDataSources({ spec }: Edit<PersistentVolumeClaim>): void {
  if (spec === undefined) return;
  if (spec.dataSource !== undefined && spec.dataSourceRef === undefined) spec.dataSourceRef = { ...spec.dataSource };
  const reference = spec.dataSourceRef;
  if (reference === undefined || spec.dataSource !== undefined || (reference.namespace ?? '') !== '') return;
  const isKnown = reference.apiGroup === 'snapshot.storage.k8s.io' || (reference.apiGroup ?? '') === '';
  if (isKnown) spec.dataSource = { ...reference };
}

function validateUpdate(claim: Claim, old: Claim, faults: Faults): void {
  const spec = claim.spec ?? {};
  const before = old.spec ?? {};
  const isBound = claim.status?.phase === 'Bound';
  const annotation = old.metadata?.annotations?.[CLASS_ANNOTATION];
  const isUpgraded =
    annotation !== undefined && before.storageClassName === undefined && spec.storageClassName === annotation;
  const isClassGiven = before.storageClassName === undefined && spec.storageClassName !== undefined;
  const mayGiveClass = isClassGiven && (annotation === undefined || spec.storageClassName === annotation);
  const storage = before.resources?.requests?.['storage'];
  const munged = {
    ...spec,
    volumeName: (before.volumeName ?? '') === '' ? before.volumeName : spec.volumeName,
    storageClassName: isUpgraded || mayGiveClass ? before.storageClassName : spec.storageClassName,
    resources:
      isBound && spec.resources?.requests !== undefined
        ? { ...spec.resources, requests: { ...spec.resources.requests, storage } }
        : spec.resources,
    volumeAttributesClassName:
      isBound && spec.volumeAttributesClassName !== undefined
        ? before.volumeAttributesClassName
        : spec.volumeAttributesClassName,
  };
  if (!semanticEqual(munged, before)) {
    const text =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    faults.forbidden('spec', `${text}\n${difference(before, munged)}`);
  }
  checkSize(claim, old, faults);
  checkImmutable(spec.volumeMode, before.volumeMode, 'volumeMode', faults);
  if (before.volumeAttributesClassName === undefined) return;
  const at = 'spec.volumeAttributesClassName';
  if (spec.volumeAttributesClassName === undefined) {
    faults.forbidden(at, 'update from non-nil value to nil is forbidden');
  } else if (spec.volumeAttributesClassName === '' && before.volumeAttributesClassName !== '') {
    faults.forbidden(at, 'update from non-nil value to an empty string is forbidden');
  }
}

/** A claim may shrink only to what its volume has not grown to yet. */
function checkSize(claim: Claim, old: Claim, faults: Faults): void {
  const size = quantityOf(claim.spec?.resources?.requests?.['storage']);
  const before = quantityOf(old.spec?.resources?.requests?.['storage']);
  const actual = quantityOf(old.status?.capacity?.['storage']);
  if (compareQuantities(size, before) < 0 && compareQuantities(size, actual) <= 0) {
    faults.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity');
  }
}

/** Which fields differ, and how; Kubernetes prints a diff of its Go structs here. */
function difference(old: object, spec: object): string {
  const before = old as Record<string, unknown>;
  const after = spec as Record<string, unknown>;
  const lines: string[] = [];
  for (const field of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    if (semanticEqual(before[field], after[field])) continue;
    if (before[field] !== undefined) lines.push(`- ${field}: ${JSON.stringify(before[field])}`);
    if (after[field] !== undefined) lines.push(`+ ${field}: ${JSON.stringify(after[field])}`);
  }
  return lines.join('\n');
}
