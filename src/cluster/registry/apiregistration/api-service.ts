import { isDns1035Label, isDns1123Subdomain, isPathSegmentName, isValidPortNumber } from '../../../kube/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** An API of another server, or of this one. apiregistration.k8s.io/v1 */
export interface ApiService {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string | undefined; readonly generation?: number | undefined };
  readonly spec?: {
    readonly group?: string | undefined;
    readonly version?: string | undefined;
    readonly groupPriorityMinimum: number;
    readonly versionPriority: number;
    readonly caBundle?: string | undefined;
    readonly insecureSkipTLSVerify?: boolean | undefined;
    /** Undefined: this server. */
    readonly service?:
      | {
          readonly namespace?: string | undefined;
          readonly name?: string | undefined;
          readonly port?: number | undefined;
        }
      | undefined;
  };
  readonly status?: { readonly conditions?: readonly ApiServiceCondition[] | undefined };
}

/** Whether an API can be used. */
export interface ApiServiceCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

const MOST_GROUP_PRIORITY = 20_000;
const MOST_VERSION_PRIORITY = 1000;
const STATUSES = ['True', 'False', 'Unknown'];

/** kube-aggregator: pkg/registry/apiservice/strategy.go, pkg/apis/apiregistration/validation */
export function apiServiceStrategy(): Strategy {
  return defineStrategy<ApiService>({
    type: resourceType('apiregistration.k8s.io/v1', 'APIService', 'apiservices', {
      clusterScoped: true,
      categories: ['api-extensions'],
      subresources: ['status'],
    }),
    name: isPathSegmentName,
    allowUnconditionalUpdate: false,
    defaults: ({ spec }) => {
      if (spec?.service !== undefined) spec.service.port ??= 443;
    },
    validate: checkApiService,
    validateStatus: ({ status }, _old, faults) =>
      status?.conditions?.forEach((condition, i) => {
        if (STATUSES.includes(condition.status ?? '')) return;
        faults.notSupported(`status.conditions[${i}].status`, condition.status ?? '', STATUSES);
      }),
  });
}

function checkApiService({ metadata, spec = {} }: Loose<ApiService>, faults: Faults): void {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, caBundle = '', service } = spec;
  const name = metadata?.name ?? '';
  const wanted = `${version}.${group}`;
  if (name !== wanted) {
    faults.invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`);
  }
  if (group === '' && version !== 'v1') {
    faults.required('spec.group', 'only v1 may have an empty group and it better be legacy kube');
  }
  if (group !== '') faults.invalidEach('spec.group', group, isDns1123Subdomain(group));
  faults.invalidEach('spec.version', version, isDns1035Label(version));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MOST_GROUP_PRIORITY) {
    faults.invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000');
  }
  if (versionPriority <= 0 || versionPriority > MOST_VERSION_PRIORITY) {
    faults.invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000');
  }
  const insecure = spec.insecureSkipTLSVerify === true;
  if (service === undefined) {
    const bytes = Buffer.from(caBundle, 'base64').length;
    if (bytes > 0) faults.invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle');
    if (insecure) {
      const detail = 'local APIServices may not have insecureSkipTLSVerify';
      faults.invalid('spec.insecureSkipTLSVerify', true, detail);
    }
    return;
  }
  if ((service.namespace ?? '') === '') faults.required('spec.service.namespace');
  if ((service.name ?? '') === '') faults.required('spec.service.name');
  const port = service.port ?? 0;
  const messages = isValidPortNumber(port);
  if (messages.length > 0) faults.invalid('spec.service.port', port, `port is not valid: ${messages.join(', ')}`);
  if (insecure && caBundle !== '') {
    faults.invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present');
  }
}
