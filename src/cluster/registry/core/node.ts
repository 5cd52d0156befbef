import type { Node, Taint } from '../../../kube/api/core-v1.generated.ts';
import { isLabelValue, isValidCidr } from '../../../kube/names.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { checkLabelKey } from '../checks/labels.ts';
import { checkResourceQuantity, roundResources } from '../checks/resources.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { TAINT_EFFECTS } from '../pod/scheduling.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';

/** kubernetes: pkg/registry/core/node/strategy.go */
export function nodeStrategy(): Strategy {
  return defineStrategy<Node>({
    type: resourceType('v1', 'Node', 'nodes', {
      clusterScoped: true,
      shortNames: ['no'],
      subresources: ['proxy', 'status'],
    }),
    defaults,
    // A kubelet registers its node with the status that it has: that is kept.
    keepsStatusOnCreate: true,
    validate,
    validateUpdate,
    validateStatus: (node, _old, faults) => checkResources(node, faults),
    selectableFields: ({ spec = {} }) => ({ 'spec.unschedulable': String(spec.unschedulable ?? false) }),
  });
}

function defaults(node: Edit<Node>): void {
  const { status } = node;
  if (status?.capacity === undefined) return;
  status.allocatable ??= { ...status.capacity };
  roundResources(status.capacity);
  roundResources(status.allocatable);
}

function validate(node: Loose<Node>, faults: Faults): void {
  checkTaints(node.spec?.taints ?? [], 'metadata.taints', faults);
  checkResources(node, faults);
  const cidrs = node.spec?.podCIDRs ?? [];
  const at = 'spec.podCIDRs';
  cidrs.forEach((cidr, i) => {
    faults.invalidEach(`${at}[${i}]`, cidr, isValidCidr(cidr));
    if (cidrs.indexOf(cidr) < i) faults.duplicate(`${at}[${i}]`, cidr);
  });
  const families = new Set(cidrs.map((cidr) => cidr.includes(':')));
  if (cidrs.length > 1 && families.size < cidrs.length) {
    faults.invalid(at, cidrs, 'may specify no more than one CIDR for each IP family');
  }
}

function checkTaints(taints: readonly Loose<Taint>[], path: string, faults: Faults): void {
  const seen = new Set<string>();
  taints.forEach((taint, i) => {
    const at = `${path}[${i}]`;
    const { key = '', value = '', effect = '' } = taint;
    checkLabelKey(key, `${at}.key`, faults);
    const messages = isLabelValue(value);
    if (messages.length > 0) faults.invalid(`${at}.value`, value, messages.join(';'));
    if (effect === '') faults.required(`${at}.effect`);
    else if (!TAINT_EFFECTS.includes(effect)) faults.notSupported(`${at}.effect`, effect, TAINT_EFFECTS);
    if (seen.has(`${effect}/${key}`)) faults.duplicate(at, taint, 'taints must be unique by key and effect pair');
    seen.add(`${effect}/${key}`);
  });
}

function checkResources({ status = {} }: Loose<Node>, faults: Faults): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [name, value] of Object.entries(status[field] ?? {})) {
      checkResourceQuantity(name, value, `status.${field}.${name}`, faults);
    }
  }
}

function validateUpdate(node: Loose<Node>, old: Loose<Node>, faults: Faults): void {
  const spec = node.spec ?? {};
  const before = old.spec ?? {};
  if ((before.podCIDRs ?? []).length > 0 && !deepEqual(before.podCIDRs, spec.podCIDRs ?? [])) {
    faults.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  }
  if ((before.providerID ?? '') !== '' && before.providerID !== spec.providerID) {
    faults.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
  }
}
