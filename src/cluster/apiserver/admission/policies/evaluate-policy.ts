import type {
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../../../kube/api/admissionregistration-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../../kube/object.ts';
import {
  CelBudget,
  type CelExpression,
  CelFailure,
  type CelLibrary,
  type CelVariables,
} from '../../cel/cel-library.ts';
import { celValue } from '../../cel/cel-values.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { ADMISSION_VARIABLES, conditionsHold, expressionContext, failureText } from './expression-context.ts';

/** One validation that failed. */
export interface PolicyDecision {
  /** Of the validation; -1 when the policy as a whole could not be evaluated. */
  readonly index: number;
  readonly message: string;
  /** '' for an evaluation that failed. */
  readonly reason: string;
}

/** What a policy with one parameter says of a request. */
export interface PolicyResult {
  readonly denied: readonly PolicyDecision[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations that could not be worked out. */
  readonly faults: readonly string[];
}

/** Steps of all expressions of one policy. apiserver: pkg/apis/cel/config.go (RuntimeCELCostBudget) */
const STEPS = 10_000_000;
const LONGEST_MESSAGE = 5 * 1024;
const NOTHING: PolicyResult = { denied: [], annotations: [], faults: [] };

/** The variables that a policy's expressions may name. */
export function policyVariables({ paramKind }: Pick<ValidatingAdmissionPolicySpec, 'paramKind'>): CelVariables {
  return { ...ADMISSION_VARIABLES, variables: 'dyn', ...(paramKind === undefined ? {} : { params: 'dyn' }) };
}

/** Evaluates a policy. apiserver: pkg/admission/plugin/policy/validating/validator.go */
export function evaluatePolicy(
  spec: ValidatingAdmissionPolicySpec,
  request: AdmissionRequest,
  type: ResourceType,
  parameter: KubeObject | undefined,
): PolicyResult {
  const evaluation = new PolicyEvaluation(spec, request, type, parameter);
  return evaluation.run();
}

class PolicyEvaluation {
  readonly #spec: ValidatingAdmissionPolicySpec;
  readonly #request: AdmissionRequest;
  readonly #cel: CelLibrary;
  readonly #declared: CelVariables;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #budget = new CelBudget(STEPS);

  constructor(
    spec: ValidatingAdmissionPolicySpec,
    request: AdmissionRequest,
    type: ResourceType,
    parameter: KubeObject | undefined,
  ) {
    this.#spec = spec;
    this.#request = request;
    this.#cel = request.cel();
    this.#declared = policyVariables(spec);
    const values: Record<string, unknown> = expressionContext(request, type);
    values['params'] = parameter === undefined ? null : celValue(parameter);
    values['variables'] = this.#variables(values);
    this.#values = values;
  }

  run(): PolicyResult {
    try {
      const { matchConditions, failurePolicy } = this.#spec;
      const options = { variables: this.#declared, values: this.#values, failurePolicy };
      if (!conditionsHold(matchConditions, this.#request, options)) return NOTHING;
      const denied = (this.#spec.validations ?? []).flatMap((validation, i) => this.#validate(validation, i));
      return { denied, ...this.#annotations() };
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      return { ...NOTHING, denied: this.#onFailure(-1, error.message) };
    }
  }

  #onFailure(index: number, message: string): readonly PolicyDecision[] {
    return this.#spec.failurePolicy === 'Ignore' ? [] : [{ index, message, reason: '' }];
  }

  /** Variables are worked out when they are used first; they see those before them. */
  #variables(values: Readonly<Record<string, unknown>>): object {
    const variables = {};
    for (const { name, expression } of this.#spec.variables ?? []) {
      let known: { readonly value: unknown } | undefined;
      Object.defineProperty(variables, name, {
        enumerable: true,
        get: () => {
          known ??= { value: this.#cel.compile(expression, this.#declared).run(values, this.#budget) };
          return known.value;
        },
      });
    }
    return variables;
  }

  #validate(validation: Validation, index: number): readonly PolicyDecision[] {
    const { expression, reason = 'Invalid' } = validation;
    const compiled = this.#cel.compile(expression, this.#declared);
    if (compiled.fault !== undefined) return this.#onFailure(index, `compilation error: ${compiled.fault}`);
    try {
      if (compiled.run(this.#values, this.#budget) === true) return [];
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      if (error.reason === 'budget') throw error;
      return this.#onFailure(index, failureText(expression, error));
    }
    return [{ index, reason, message: this.#message(validation) }];
  }

  #message({ expression, message = '', messageExpression = '' }: Validation): string {
    const worked = messageExpression === '' ? '' : this.#text(this.#cel.compile(messageExpression, this.#declared));
    if (worked !== '' && Buffer.byteLength(worked) <= LONGEST_MESSAGE && !worked.includes('\n')) return worked;
    return message === '' ? `failed expression: ${expression.trim()}` : message.trim();
  }

  /** The text that an expression gives; '' for anything else. */
  #text(compiled: CelExpression): string {
    try {
      const value = compiled.run(this.#values, this.#budget);
      return typeof value === 'string' ? value.trim() : '';
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      if (error.reason === 'evaluation') return '';
      throw new CelFailure(`failed messageExpression: ${error.message}`, error.reason);
    }
  }

  #annotations(): Pick<PolicyResult, 'annotations' | 'faults'> {
    const annotations: { readonly key: string; readonly value: string }[] = [];
    const faults: string[] = [];
    for (const { key, valueExpression } of this.#spec.auditAnnotations ?? []) {
      const compiled = this.#cel.compile(valueExpression, this.#declared);
      try {
        const value = compiled.run(this.#values, this.#budget);
        if (typeof value === 'string' && value.trim() !== '') annotations.push({ key, value: value.trim() });
        else if (typeof value !== 'string' && value !== null) {
          const text = `valueExpression '${valueExpression}' resulted in unsupported return type: ${typeof value}. Return type must be either string or null.`;
          faults.push(text);
        }
      } catch (error) {
        if (!(error instanceof CelFailure)) throw error;
        if (this.#spec.failurePolicy !== 'Ignore') faults.push(failureText(valueExpression, error));
      }
    }
    return { annotations, faults };
  }
}
