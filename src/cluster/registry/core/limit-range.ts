import type { LimitRange, LimitRangeItem } from '../../../kube/api/core-v1.generated.ts';
import { isQualifiedName } from '../../../kube/names.ts';
import { compareQuantities, type Quantity } from '../../../kube/quantity.ts';
import {
  checkContainerResourceName,
  checkResourceName,
  isOvercommitAllowed,
  quantityOf,
  resourceNames,
  roundResources,
} from '../checks/resources.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose, ResourceList } from '../wire.ts';

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** kubernetes: pkg/registry/core/limitrange/strategy.go */
export function limitRangeStrategy(): Strategy {
  return defineStrategy<LimitRange>({
    type: resourceType('v1', 'LimitRange', 'limitranges', { shortNames: ['limits'] }),
    allowCreateOnUpdate: true,
    defaults: ({ spec }) => {
      for (const item of spec?.limits ?? []) applyItemDefaults(item);
    },
    validate,
  });
}

/** Limits of containers follow from each other: default from max, defaultRequest from default, else from min. */
function applyItemDefaults(item: Edit<LimitRangeItem>): void {
  for (const list of LISTS) roundResources(item[list]);
  if (item.type !== 'Container') return;
  const limits = (item.default ??= {});
  const requests = (item.defaultRequest ??= {});
  fill(limits, item.max);
  fill(requests, limits);
  fill(requests, item.min);
}

function fill(target: Record<string, string | number | undefined>, source: ResourceList = {}): void {
  for (const name of Object.keys(source)) if (!Object.hasOwn(target, name)) target[name] = source[name];
}

function validate({ spec = {} }: Loose<LimitRange>, faults: Faults): void {
  const seen = new Set<string>();
  spec.limits?.forEach((item, i) => {
    const at = `spec.limits[${i}]`;
    const { type = '' } = item;
    const messages = isQualifiedName(type);
    faults.invalidEach(`${at}.type`, type, messages);
    if (messages.length === 0 && !type.includes('/') && !TYPES.includes(type)) {
      faults.invalid(`${at}.type`, type, 'must be a standard limit type or fully qualified');
    }
    if (seen.has(type)) faults.duplicate(`${at}.type`, type);
    seen.add(type);
    checkItem(item, at, faults);
  });
}

function checkItem(item: Loose<LimitRangeItem>, path: string, faults: Faults): void {
  const isPod = item.type === 'Pod';
  for (const list of LISTS) {
    const names = Object.keys(item[list] ?? {});
    if (isPod && (list === 'default' || list === 'defaultRequest')) {
      if (names.length > 0) faults.forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'");
      continue;
    }
    for (const name of names) {
      const at = `${path}.${list}[${name}]`;
      if (isPod || item.type === 'Container') checkContainerResourceName(name, at, faults);
      else checkResourceName(name, at, faults);
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined) {
    if (item.max?.['storage'] === undefined) {
      const text = 'either minimum or maximum storage value is required, but neither was provided';
      faults.required(`${path}.limits`, text);
    }
  }
  const lists = LISTS.map((list) => item[list]);
  for (const name of resourceNames(...lists)) checkAmounts(item, name, path, faults);
}

function checkAmounts(item: Loose<LimitRangeItem>, name: string, path: string, faults: Faults): void {
  const amount = (list: ResourceList | undefined): Quantity | undefined =>
    list?.[name] === undefined ? undefined : quantityOf(list[name]);
  const min = amount(item.min);
  const max = amount(item.max);
  const limit = amount(item.default);
  const request = amount(item.defaultRequest);
  const check = (
    low: Quantity | undefined,
    high: Quantity | undefined,
    list: string,
    shown: Quantity | undefined,
    text: (low: string, high: string) => string,
  ): void => {
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return;
    faults.invalid(`${path}.${list}[${name}]`, shown?.text, text(low.text, high.text));
  };
  check(min, max, 'min', min, (a, b) => `min value ${a} is greater than max value ${b}`);
  check(min, request, 'defaultRequest', request, (a, b) => `min value ${a} is greater than default request value ${b}`);
  check(request, max, 'defaultRequest', request, (a, b) => `default request value ${a} is greater than max value ${b}`);
  check(
    request,
    limit,
    'defaultRequest',
    request,
    (a, b) => `default request value ${a} is greater than default limit value ${b}`,
  );
  check(min, limit, 'default', min, (a, b) => `min value ${a} is greater than default value ${b}`);
  check(limit, max, 'default', max, (a, b) => `default value ${a} is greater than max value ${b}`);
  checkRatio(amount(item.maxLimitRequestRatio), min, max, `${path}.maxLimitRequestRatio[${name}]`, faults);
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(limit, request) !== 0) {
    const text = `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`;
    faults.invalid(`${path}.defaultRequest[${name}]`, request.text, text);
  }
}

function checkRatio(
  ratio: Quantity | undefined,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: string,
  faults: Faults,
): void {
  if (ratio === undefined) return;
  if (ratio.nano < 1_000_000_000n) faults.invalid(path, ratio.text, `ratio ${ratio.text} is less than 1`);
  if (min === undefined || max === undefined) return;
  const limit = Number(max.nano) / Number(min.nano);
  if (Number(ratio.nano) / 1e9 > limit) {
    faults.invalid(path, ratio.text, `ratio ${ratio.text} is greater than max/min = ${limit.toFixed(6)}`);
  }
}
