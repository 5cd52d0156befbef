import { compareStrings } from '../base/json.ts';
import type { LabelSelector } from './api/meta-v1.generated.ts';
import { parseRequirements } from './label-syntax.ts';
import {
  SelectorError,
  checkRequirement,
  formatRequirement,
  requirementTest,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
} from './label-requirement.ts';

export { SelectorError, type Labels };

/** Tells whether labels are selected; absent labels are the same as none. */
export interface LabelMatcher {
  matches(labels: Labels | undefined): boolean;
}

/** A matcher that shows its terms and prints itself as kubectl writes selectors. */
export interface RequirementsMatcher extends LabelMatcher {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  toString(): string;
}

/** Selects every object. */
export const matchesEverything: RequirementsMatcher = { requirements: [], matches: () => true, toString: () => '' };

/** Selects no object. */
export const matchesNothing: LabelMatcher = { matches: () => false };

const parsed = new Map<string, RequirementsMatcher>();
const PARSED_LIMIT = 500;

/**
 * The matcher of a selector as kubectl writes it: `app=web,tier in (a,b),!canary`. apimachinery: pkg/labels/selector.go.
 *
 * @throws SelectorError with Kubernetes' text
 */
export function parseLabelSelector(text: string): RequirementsMatcher {
  if (text === '') return matchesEverything;
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const matcher = requirementsMatcher(parseRequirements(text));
  if (parsed.size >= PARSED_LIMIT) parsed.clear();
  parsed.set(text, matcher);
  return matcher;
}

const bySelector = new WeakMap<LabelSelector, LabelMatcher>();

/**
 * The matcher of an API object's selector: undefined and null select nothing, `{}` everything.
 *
 * @throws SelectorError for operators that do not exist and for wrong keys and values
 */
export function labelSelectorMatcher(selector: LabelSelector | undefined | null): LabelMatcher {
  if (selector === undefined || selector === null) return matchesNothing;
  const known = bySelector.get(selector);
  if (known !== undefined) return known;
  const requirements = selectorRequirements(selector);
  for (const requirement of requirements) checkRequirement(requirement);
  const matcher = requirements.length === 0 ? matchesEverything : requirementsMatcher(requirements);
  bySelector.set(selector, matcher);
  return matcher;
}

function selectorRequirements(selector: LabelSelector): LabelRequirement[] {
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    requirements.push({ key, operator: expressionOperator(operator), values: values ?? [] });
  }
  return requirements;
}

function expressionOperator(operator: string): LabelOperator {
  switch (operator) {
    case 'In':
      return 'in';
    case 'NotIn':
      return 'notin';
    case 'Exists':
      return 'exists';
    case 'DoesNotExist':
      return '!';
    default:
      throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
  }
}

/** The matcher of a plain map, as Services and ReplicationControllers have it: all pairs must be there. An empty map selects everything. */
export function equalityMatcher(map: Labels | undefined | null): RequirementsMatcher {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return matchesEverything;
  return requirementsMatcher(entries.map(([key, value]) => ({ key, operator: '=', values: [value] })));
}

/** An API object's selector as kubectl shows it: terms sorted by key, `<none>` for one that selects nothing, '' for everything. */
export function formatLabelSelector(selector: LabelSelector | undefined | null): string {
  if (selector === undefined || selector === null) return '<none>';
  return formatRequirements(sortByKey(selectorRequirements(selector)));
}

function requirementsMatcher(unsorted: readonly LabelRequirement[]): RequirementsMatcher {
  const requirements = sortByKey(unsorted);
  const tests = requirements.map(requirementTest);
  const [first] = tests;
  return {
    requirements,
    matches: tests.length === 1 && first !== undefined ? first : (labels) => tests.every((test) => test(labels)),
    toString: () => formatRequirements(requirements),
  };
}

function sortByKey(requirements: readonly LabelRequirement[]): LabelRequirement[] {
  return requirements.toSorted((a, b) => compareStrings(a.key, b.key));
}

function formatRequirements(requirements: readonly LabelRequirement[]): string {
  return requirements.map(formatRequirement).join(',');
}
