import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../../../kube/api/flowcontrol-v1.generated.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { type Edit, isBlank, type Loose } from '../wire.ts';

const TYPES = ['Exempt', 'Limited'];
const RESPONSES = ['Queue', 'Reject'];
const MOST_QUEUES = 10_000_000;

/** kubernetes: pkg/registry/flowcontrol/prioritylevelconfiguration/strategy.go, pkg/apis/flowcontrol/v1/defaults.go */
export function priorityLevelConfigurationStrategy(): Strategy {
  return defineStrategy<PriorityLevelConfiguration>({
    type: resourceType('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    generation: ['spec'],
    defaults,
    validate: checkSpec,
  });
}

function defaults(level: Edit<PriorityLevelConfiguration>): void {
  const spec = (level.spec ??= {});
  if (spec.exempt !== undefined) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  const { limited } = spec;
  if (limited === undefined) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const queuing = limited.limitResponse?.queuing;
  if (queuing === undefined) return;
  queuing.queues ??= 64;
  queuing.handSize ??= 8;
  queuing.queueLengthLimit ??= 50;
}

function checkSpec({ metadata = {}, spec = {} }: Loose<PriorityLevelConfiguration>, faults: Faults): void {
  const { type = '', limited, exempt } = spec;
  if (metadata.name === 'exempt' && type !== 'Exempt') {
    faults.invalid('spec.type', type, "must be 'Exempt' if the object's name is 'exempt'");
  }
  if (!TYPES.includes(type)) {
    faults.notSupported('spec.type', type, TYPES);
    return;
  }
  if (type === 'Exempt') {
    if (limited !== undefined) faults.forbidden('spec.limited', 'must be nil if the type is not Limited');
    const { nominalConcurrencyShares: shares = 0, lendablePercent: lent = 0 } = exempt ?? {};
    if (shares < 0) faults.invalid('spec.exempt.nominalConcurrencyShares', shares, 'must be a non-negative integer');
    checkPercent(lent, 'spec.exempt.lendablePercent', faults);
    return;
  }
  if (exempt !== undefined) faults.forbidden('spec.exempt', 'must be nil if the type is Limited');
  if (limited === undefined) faults.required('spec.limited', 'must not be empty when type is Limited');
  else checkLimited(limited, 'spec.limited', faults);
}

function checkPercent(value: number, path: string, faults: Faults): void {
  if (value < 0 || value > 100) faults.invalid(path, value, 'must be between 0 and 100, inclusive');
}

function checkLimited(limited: Loose<LimitedPriorityLevelConfiguration>, path: string, faults: Faults): void {
  const { nominalConcurrencyShares: shares = 0, lendablePercent, borrowingLimitPercent, limitResponse = {} } = limited;
  if (shares < 0) faults.invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer');
  const { type = '', queuing } = limitResponse;
  const at = `${path}.limitResponse`;
  if (type === 'Reject' && queuing !== undefined) {
    faults.forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited');
  } else if (type === 'Queue' && queuing === undefined) {
    faults.required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited');
  } else if (type === 'Queue') checkQueuing(queuing ?? {}, `${at}.queuing`, faults);
  else if (type !== 'Reject') {
    if (isBlank(type)) faults.required(`${at}.type`);
    else faults.notSupported(`${at}.type`, type, RESPONSES);
  }
  checkPercent(lendablePercent ?? 0, `${path}.lendablePercent`, faults);
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) {
    faults.invalid(
      `${path}.borrowingLimitPercent`,
      borrowingLimitPercent,
      'if specified, must be a non-negative integer',
    );
  }
}

function checkQueuing(queuing: Loose<QueuingConfiguration>, path: string, faults: Faults): void {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  if (queueLengthLimit <= 0) faults.invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive');
  if (queues <= 0) faults.invalid(`${path}.queues`, queues, 'must be positive');
  else if (queues > MOST_QUEUES) {
    faults.invalid(`${path}.queues`, queues, `must not be greater than ${MOST_QUEUES}`);
  }
  if (handSize <= 0) faults.invalid(`${path}.handSize`, handSize, 'must be positive');
  else if (handSize > queues)
    faults.invalid(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`);
}
