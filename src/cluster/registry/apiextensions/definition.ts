import type { CustomResourceDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkApproval } from './approval.ts';
import { checkNames } from './names.ts';
import { checkSpec } from './spec.ts';

type Definition = CustomResourceDefinition;

/** apiextensions: pkg/registry/customresourcedefinition/strategy.go, pkg/apis/apiextensions/validation */
export function customResourceDefinitionStrategy(): Strategy {
  return defineStrategy<Definition>({
    type: resourceType('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
      clusterScoped: true,
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      subresources: ['status'],
    }),
    generation: ['spec'],
    allowUnconditionalUpdate: false,
    defaults,
    prepareForCreate: storeVersion,
    prepareForUpdate: (draft, _old, { subresource }) => {
      if (subresource === '') storeVersion(draft);
    },
    validateCreate: (definition, faults) => {
      const { metadata, spec } = definition;
      if (metadata?.name !== `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`) {
        faults.invalid('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group');
      }
      checkDefinition(definition, faults);
      checkApproval(definition, undefined, faults);
      checkKeepsNothing(definition, undefined, faults);
    },
    validateUpdate: (definition, old, faults) => {
      checkDefinition(definition, faults, old);
      checkApproval(definition, old, faults);
      checkKeepsNothing(definition, old, faults);
    },
    validateStatus: ({ status }, _old, faults) => checkNames(status?.acceptedNames, 'status.acceptedNames', faults),
  });
}

function defaults(draft: Edit<Definition>): void {
  const spec = (draft.spec ??= {});
  const names = (spec.names ??= {});
  names.singular ||= (names.kind ?? '').toLowerCase();
  if (names.kind !== undefined && names.kind !== '') names.listKind ||= `${names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service !== undefined) service.port ??= 443;
}

/** The storage version is one that objects may be stored in, from now on. */
function storeVersion(draft: Edit<Definition>): void {
  const stored = draft.spec?.versions?.find((version) => version.storage === true)?.name;
  const before = draft.status?.storedVersions ?? [];
  if (stored === undefined || before.includes(stored)) return;
  draft.status = { ...draft.status, storedVersions: [...before, stored] };
}

function checkDefinition(definition: Loose<Definition>, faults: Faults, old?: Loose<Definition>): void {
  const { spec = {}, status = {} } = definition;
  checkSpec(spec, faults);
  if (old !== undefined) {
    if (old.status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') === true) {
      checkImmutable(spec.scope, old.spec?.scope, 'spec.scope', faults);
      checkImmutable(spec.names?.kind, old.spec?.names?.kind, 'spec.names.kind', faults);
    }
    checkImmutable(spec.group, old.spec?.group, 'spec.group', faults);
    checkImmutable(spec.names?.plural, old.spec?.names?.plural, 'spec.names.plural', faults);
  }
  checkNames(status.acceptedNames, 'status.acceptedNames', faults);
  checkStoredVersions(definition, 'status.storedVersions', faults);
}

function checkStoredVersions({ spec = {}, status = {} }: Loose<Definition>, path: string, faults: Faults): void {
  const { storedVersions } = status;
  if (storedVersions === undefined || storedVersions.length === 0) {
    faults.invalid(path, storedVersions ?? null, 'must have at least one stored version');
    return;
  }
  const versions = spec.versions ?? [];
  for (const { name = '', storage } of versions) {
    if (storage === true && !storedVersions.includes(name)) {
      faults.invalid(path, storedVersions, `must have the storage version ${name}`);
    }
  }
  storedVersions.forEach((name, i) => {
    if (versions.some((version) => version.name === name)) return;
    const remedy = `must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and ${remedy}`;
    faults.invalid(`${path}[${i}]`, name, detail);
  });
}

function checkKeepsNothing({ spec }: Loose<Definition>, old: Loose<Definition> | undefined, faults: Faults): void {
  if (old?.spec?.preserveUnknownFields === true || spec?.preserveUnknownFields !== true) return;
  const remedy = 'set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  faults.invalid('spec.preserveUnknownFields', true, `cannot set to true, ${remedy}`);
}
