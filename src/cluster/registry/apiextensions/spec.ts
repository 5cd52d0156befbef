import type {
  CustomResourceConversion,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../kube/api/apiextensions-v1.generated.ts';
import { byteLength } from '../../../base/go-string.ts';
import { isDns1123Subdomain } from '../../../kube/names.ts';
import { checkOneOf } from '../checks/values.ts';
import { checkReviewVersions, checkWebhookClient } from '../checks/webhook-client.ts';
import type { Faults } from '../faults.ts';
import type { Loose } from '../wire.ts';
import { internalVersions, toInternalSpec, type InternalSpec, type VersionParts } from './internal-spec.ts';
import { checkLabel, checkNames } from './names.ts';
import { checkSchema } from './schema.ts';
import { hasDefaults } from './schema-walk.ts';
import { checkColumns, checkSelectableFields, checkSubresources } from './version-parts.ts';

type Spec = Loose<CustomResourceDefinitionSpec>;
type Version = Loose<CustomResourceDefinitionVersion>;

const WARNING_LIMIT = 256;

/** Refuses definitions that cannot be served. apiextensions: validateCustomResourceDefinitionSpec */
export function checkSpec(spec: Spec, faults: Faults): void {
  const internal = toInternalSpec(spec);
  const { shared, perVersion } = internal;
  const versions = spec.versions ?? [];
  checkGroup(spec.group ?? '', faults);
  checkOneOf(spec.scope, ['Cluster', 'Namespaced'], 'spec.scope', faults, { required: true });
  if (shared.schema === undefined) {
    perVersion.forEach(({ schema }, i) => {
      if (schema === undefined) faults.required(`spec.versions[${i}].schema.openAPIV3Schema`);
    });
  }
  if (spec.preserveUnknownFields === true && [shared, ...perVersion].some(({ schema }) => hasDefaults(schema))) {
    faults.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema');
  }
  const hasOwnSubresources = perVersion.some((version) => version.subresources !== undefined);
  versions.forEach((version, i) => {
    const path = `spec.versions[${i}]`;
    checkLabel(version.name ?? '', `${path}.name`, faults);
    checkDeprecation(version, `${path}.deprecationWarning`, faults);
    const parts = perVersion[i];
    if (parts === undefined) return;
    const subresources = hasOwnSubresources ? parts.subresources : shared.subresources;
    checkParts(parts, path, `${path}.schema`, subresources?.status !== undefined, faults);
  });
  checkVersionList(spec, internal, faults);
  checkSpecNames(spec, faults);
  const hasStatus = [shared, ...perVersion].some((parts) => parts.subresources?.status !== undefined);
  checkParts(shared, 'spec', 'spec.validation', hasStatus, faults);
  if (spec.conversion !== undefined) checkConversion(spec.conversion, spec, faults);
}

function checkGroup(group: string, faults: Faults): void {
  if (group === '') {
    faults.required('spec.group');
    return;
  }
  const messages = isDns1123Subdomain(group);
  if (messages.length > 0) faults.invalid('spec.group', group, messages.join(','));
  else if (!group.includes('.')) faults.invalid('spec.group', group, 'should be a domain with at least one dot');
}

function checkParts(parts: VersionParts, path: string, schemaPath: string, hasStatus: boolean, faults: Faults): void {
  if (parts.schema !== undefined) checkSchema(parts.schema, `${schemaPath}.openAPIV3Schema`, hasStatus, faults);
  checkSubresources(parts.subresources, `${path}.subresources`, faults);
  checkColumns(parts.columns, `${path}.additionalPrinterColumns`, faults);
  checkSelectableFields(parts, `${path}.selectableFields`, faults);
}

function checkVersionList(spec: Spec, internal: InternalSpec, faults: Faults): void {
  const versions = spec.versions ?? [];
  const refuse = (detail: string): void => faults.invalid('spec.versions', internalVersions(spec, internal), detail);
  if (new Set(versions.map(({ name = '' }) => name)).size < versions.length)
    refuse('must contain unique version names');
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    refuse('must have exactly one version marked as storage version');
  }
  const [first] = versions;
  if (first?.name !== undefined && first.name !== '') checkLabel(first.name, 'spec.version', faults);
}

function checkSpecNames({ names = {} }: Spec, faults: Faults): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if ((names[field] ?? '') === '') faults.required(`spec.names.${field}`);
  }
  checkNames(names, 'spec.names', faults);
}

function checkDeprecation({ deprecated, deprecationWarning: warning }: Version, path: string, faults: Faults): void {
  if (warning === undefined) return;
  const refuse = (detail: string): void => faults.invalid(path, warning, detail);
  if (deprecated !== true) {
    refuse('can only be set for deprecated versions');
    return;
  }
  if (byteLength(warning) > WARNING_LIMIT) refuse(`must be <= ${WARNING_LIMIT} characters long`);
  if (warning === '') refuse('must not be an empty string');
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  if (unprintable !== null) {
    const index = byteLength(warning.slice(0, unprintable.index));
    refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  }
}

function checkConversion(conversion: Loose<CustomResourceConversion>, spec: Spec, faults: Faults): void {
  const path = 'spec.conversion';
  const { strategy, webhook } = conversion;
  if (strategy !== 'None' && spec.preserveUnknownFields === true) {
    faults.invalid(`${path}.strategy`, strategy ?? '', 'must be None if spec.preserveUnknownFields is true');
  }
  checkOneOf(strategy, ['None', 'Webhook'], `${path}.strategy`, faults, { required: true });
  const at = `${path}.webhookClientConfig`;
  const versionsAt = `${path}.conversionReviewVersions`;
  if (strategy === 'Webhook') {
    if (webhook?.clientConfig === undefined) faults.required(at, 'required when strategy is set to Webhook');
    else checkWebhookClient(webhook.clientConfig, at, faults);
    checkReviewVersions(webhook?.conversionReviewVersions, '', versionsAt, faults);
    return;
  }
  const unwanted = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig !== undefined) faults.forbidden(at, unwanted);
  if ((webhook?.conversionReviewVersions ?? []).length > 0) faults.forbidden(versionsAt, unwanted);
}
