import type { LabelSelector, LabelSelectorRequirement } from '../../../kube/api/meta-v1.generated.ts';
import { byteLength } from '../../../base/go-string.ts';
import { labelSelectorMatcher, SelectorError, type LabelMatcher } from '../../../kube/labels.ts';
import { isLabelValue, isQualifiedName } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

type Texts = Readonly<Record<string, string | undefined>>;

const ANNOTATIONS_LIMIT = 256 * 1024;

/** Refuses wrong keys and values of labels. apimachinery: pkg/apis/meta/v1/validation */
export function checkLabels(labels: Texts | undefined, path: string, faults: Faults): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    const value = labels[key] ?? '';
    faults.invalidEach(path, key, isQualifiedName(key));
    faults.invalidEach(path, value, isLabelValue(value));
  }
}

/** Refuses the key of a label that is none. */
export function checkLabelKey(key: string | undefined, path: string, faults: Faults): void {
  faults.invalidEach(path, key ?? '', isQualifiedName(key ?? ''));
}

/** Refuses wrong keys of annotations, and too many of them. apimachinery: pkg/api/validation ValidateAnnotations */
export function checkAnnotations(annotations: Texts | undefined, path: string, faults: Faults): void {
  if (annotations === undefined) return;
  let size = 0;
  for (const key of Object.keys(annotations)) {
    faults.invalidEach(path, key, isQualifiedName(key.toLowerCase()));
    size += byteLength(key) + byteLength(annotations[key] ?? '');
  }
  if (size > ANNOTATIONS_LIMIT) faults.tooLong(path, ANNOTATIONS_LIMIT);
}

/** Refuses selectors that cannot be read. apimachinery: pkg/apis/meta/v1/validation ValidateLabelSelector */
export function checkLabelSelector(selector: Loose<LabelSelector> | undefined, path: string, faults: Faults): void {
  if (selector === undefined) return;
  checkLabels(selector.matchLabels, `${path}.matchLabels`, faults);
  selector.matchExpressions?.forEach((requirement, i) => {
    checkRequirement(requirement, `${path}.matchExpressions[${i}]`, faults);
  });
}

function checkRequirement(requirement: Loose<LabelSelectorRequirement>, path: string, faults: Faults): void {
  const { operator = '', key = '', values = [] } = requirement;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) faults.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      faults.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
  } else faults.invalid(`${path}.operator`, operator, 'not a valid selector operator');
  checkLabelKey(key, `${path}.key`, faults);
  values.forEach((value, i) => faults.invalidEach(`${path}.values[${i}]`, value, isLabelValue(value)));
}

/** True for a selector without terms, which selects everything. */
export function isEmptySelector(selector: Loose<LabelSelector>): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

/** The matcher of a selector, or undefined for one that cannot be read. */
export function selectorMatcher(selector: Loose<LabelSelector> | undefined): LabelMatcher | undefined {
  try {
    return labelSelectorMatcher(selector as LabelSelector | undefined);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** The labels as matchers take them. */
export function labelsOf(labels: Texts | undefined): Readonly<Record<string, string>> {
  return (labels ?? {}) as Readonly<Record<string, string>>;
}

/** The keys that a selector names. */
export function selectorKeys(selector: Loose<LabelSelector>): ReadonlySet<string> {
  const keys = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key } of selector.matchExpressions ?? []) if (!isBlank(key)) keys.add(key);
  return keys;
}
