import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../kube/api/rbac-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isPathSegmentName, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { nameIsPathSegment } from '../checks/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

type Binding = RoleBinding & ClusterRoleBinding;

/** kubernetes: pkg/registry/rbac/rolebinding/strategy.go */
export function roleBindingStrategy(): Strategy {
  return defineStrategy<Binding>({
    type: resourceType(API_VERSION, 'RoleBinding', 'rolebindings'),
    name: nameIsPathSegment,
    allowCreateOnUpdate: true,
    defaults,
    validate: (binding, faults) => checkBinding(binding, true, faults),
    validateUpdate: checkUpdate,
  });
}

/** kubernetes: pkg/registry/rbac/clusterrolebinding/strategy.go */
export function clusterRoleBindingStrategy(): Strategy {
  return defineStrategy<Binding>({
    type: resourceType(API_VERSION, 'ClusterRoleBinding', 'clusterrolebindings', { clusterScoped: true }),
    name: nameIsPathSegment,
    allowCreateOnUpdate: true,
    defaults,
    validate: (binding, faults) => checkBinding(binding, false, faults),
    validateUpdate: checkUpdate,
  });
}

function defaults(binding: Edit<Binding>): void {
  (binding.roleRef ??= {}).apiGroup ||= GROUP;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP;
  }
}

function checkBinding(binding: Loose<Binding>, isNamespaced: boolean, faults: Faults): void {
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  if (apiGroup !== GROUP) faults.notSupported('roleRef.apiGroup', apiGroup, [GROUP]);
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind)) faults.notSupported('roleRef.kind', kind, kinds);
  if (name === '') faults.required('roleRef.name');
  else faults.invalidEach('roleRef.name', name, isPathSegmentName(name));
  binding.subjects?.forEach((subject, i) => checkSubject(subject, isNamespaced, `subjects[${i}]`, faults));
}

function checkSubject(subject: Loose<Subject>, isNamespaced: boolean, path: string, faults: Faults): void {
  const { kind = '', name = '', namespace = '', apiGroup = '' } = subject;
  if (name === '') faults.required(`${path}.name`);
  if (kind === 'ServiceAccount') {
    if (name !== '') faults.invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name));
    if (apiGroup !== '') faults.notSupported(`${path}.apiGroup`, apiGroup, ['']);
    if (!isNamespaced && namespace === '') faults.required(`${path}.namespace`);
  } else if (kind === 'User' || kind === 'Group') {
    if (name === '') faults.invalid(`${path}.name`, name, `${kind.toLowerCase()} name cannot be empty`);
    if (apiGroup !== GROUP) faults.notSupported(`${path}.apiGroup`, apiGroup, [GROUP]);
  } else faults.notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']);
}

function checkUpdate(binding: Loose<Binding>, old: Loose<Binding>, faults: Faults): void {
  if (!deepEqual(binding.roleRef, old.roleRef)) faults.invalid('roleRef', binding.roleRef, 'cannot change roleRef');
}
