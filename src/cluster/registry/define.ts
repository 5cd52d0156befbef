import { semanticEqual } from '../../kube/equality.ts';
import { nameIsDnsSubdomain } from '../../kube/names.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import { Faults } from './faults.ts';
import type { FieldError } from './field-error.ts';
import type { Draft, ScalePaths, StoredForm, Strategy, StrategyContext } from './strategy.ts';
import type { Edit, Loose } from './wire.ts';

/** What makes a kind, as its file states it; {@link defineStrategy} adds what all kinds share. */
export interface Definition<T extends object> {
  readonly type: ResourceType;
  /** The faults of a name; default: a DNS subdomain. */
  readonly name?: (name: string, isPrefix: boolean) => readonly string[];
  /** Versioned defaults. */
  readonly defaults?: (draft: Edit<T>) => void;
  /** After the status is dropped. */
  readonly prepareForCreate?: (draft: Edit<T>, context: StrategyContext) => void;
  /** After the status, or all but it, is taken from the old object. Not for subresources that `subresources` names. */
  readonly prepareForUpdate?: (draft: Edit<T>, old: Loose<T>, context: StrategyContext) => void;
  readonly allocate?: (draft: Edit<T>, old: Loose<T> | undefined, faults: Faults, context: StrategyContext) => void;
  /** What holds for new and changed objects. */
  readonly validate?: (object: Loose<T>, faults: Faults, context: StrategyContext) => void;
  /** What holds for new objects only; runs after `validate`. */
  readonly validateCreate?: (object: Loose<T>, faults: Faults, context: StrategyContext) => void;
  /** What holds for changes only; runs after `validate`. */
  readonly validateUpdate?: (object: Loose<T>, old: Loose<T>, faults: Faults, context: StrategyContext) => void;
  /** What holds for changes through `status`. */
  readonly validateStatus?: (object: Loose<T>, old: Loose<T>, faults: Faults, context: StrategyContext) => void;
  /** Subresources that change more than the spec. */
  readonly subresources?: Readonly<Record<string, SubresourceRules<T>>>;
  /** The fields that make a generation; default: none. */
  readonly generation?: readonly (keyof T & string)[];
  /** More about generations than {@link generation} says, such as a change of an annotation that the spec stands for. */
  readonly changesGeneration?: (object: Loose<T>, old: Loose<T>) => boolean;
  readonly selectableFields?: (object: Loose<T>) => Readonly<Record<string, string>>;
  readonly gracePeriod?: (object: Loose<T>, requested: number | undefined) => number;
  readonly scale?: ScalePaths;
  /** The kind has a status of its own; default: it has if `subresources` of the type holds `status`. */
  readonly hasStatus?: boolean;
  /** A client may create an object with a status. */
  readonly keepsStatusOnCreate?: boolean;
  readonly allowCreateOnUpdate?: boolean;
  readonly allowUnconditionalUpdate?: boolean;
  readonly storedAs?: StoredForm;
}

/** How a subresource other than `status` treats an update. */
export interface SubresourceRules<T> {
  readonly prepare?: (draft: Edit<T>, old: Loose<T>, context: StrategyContext) => void;
  readonly validate?: (object: Loose<T>, old: Loose<T>, faults: Faults, context: StrategyContext) => void;
}

const NOTHING: readonly FieldError[] = [];

/** The strategy of a kind: status kept apart from the rest, generations counted, the kind's own rules in between. */
export function defineStrategy<T extends object>(definition: Definition<T>): Strategy {
  return new DefinedStrategy(definition);
}

class DefinedStrategy<T extends object> implements Strategy {
  readonly #definition: Definition<T>;
  readonly type: ResourceType;
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  readonly allowCreateOnUpdate: boolean;
  readonly allowUnconditionalUpdate: boolean;
  readonly scale?: ScalePaths;
  readonly storedAs?: StoredForm;
  readonly allocate?: (draft: Draft, old: KubeObject | undefined, context: StrategyContext) => readonly FieldError[];
  readonly selectableFields?: (object: KubeObject) => Readonly<Record<string, string>>;
  readonly gracePeriod?: (object: KubeObject, requested: number | undefined) => number;

  constructor(definition: Definition<T>) {
    this.#definition = definition;
    this.type = definition.type;
    this.hasStatus = definition.hasStatus ?? definition.type.subresources.includes('status');
    this.hasGeneration = definition.generation !== undefined;
    this.allowCreateOnUpdate = definition.allowCreateOnUpdate ?? false;
    this.allowUnconditionalUpdate = definition.allowUnconditionalUpdate ?? true;
    if (definition.scale !== undefined) this.scale = definition.scale;
    if (definition.storedAs !== undefined) this.storedAs = definition.storedAs;
    const { allocate, selectableFields, gracePeriod } = definition;
    if (allocate !== undefined) {
      this.allocate = (draft, old, context) =>
        collect((faults) => allocate(edit<T>(draft), old === undefined ? undefined : loose<T>(old), faults, context));
    }
    if (selectableFields !== undefined) this.selectableFields = (object) => selectableFields(loose<T>(object));
    if (gracePeriod !== undefined) this.gracePeriod = (object, requested) => gracePeriod(loose<T>(object), requested);
  }

  validateName(name: string, isPrefix: boolean): readonly string[] {
    return (this.#definition.name ?? nameIsDnsSubdomain)(name, isPrefix);
  }

  applyDefaults(draft: Draft): void {
    this.#definition.defaults?.(edit<T>(draft));
  }

  prepareForCreate(draft: Draft, context: StrategyContext): void {
    if (this.hasStatus && this.#definition.keepsStatusOnCreate !== true) delete draft['status'];
    this.#definition.prepareForCreate?.(edit<T>(draft), context);
  }

  prepareForUpdate(draft: Draft, old: KubeObject, context: StrategyContext): void {
    const { subresource } = context;
    const rules = this.#definition.subresources?.[subresource];
    if (rules !== undefined) {
      rules.prepare?.(edit<T>(draft), loose<T>(old), context);
      return;
    }
    if (this.hasStatus) {
      if (subresource === 'status') keepAllBut(draft, old, 'status');
      else keep(draft, old, 'status');
    }
    this.#definition.prepareForUpdate?.(edit<T>(draft), loose<T>(old), context);
  }

  validateCreate(draft: KubeObject, context: StrategyContext): readonly FieldError[] {
    const { validate, validateCreate } = this.#definition;
    return collect((faults) => {
      validate?.(loose<T>(draft), faults, context);
      validateCreate?.(loose<T>(draft), faults, context);
    });
  }

  validateUpdate(draft: KubeObject, old: KubeObject, context: StrategyContext): readonly FieldError[] {
    const { validate, validateUpdate, validateStatus, subresources } = this.#definition;
    const rules = subresources?.[context.subresource];
    return collect((faults) => {
      if (rules !== undefined) rules.validate?.(loose<T>(draft), loose<T>(old), faults, context);
      else if (this.hasStatus && context.subresource === 'status') {
        validateStatus?.(loose<T>(draft), loose<T>(old), faults, context);
      } else {
        validate?.(loose<T>(draft), faults, context);
        validateUpdate?.(loose<T>(draft), loose<T>(old), faults, context);
      }
    });
  }

  changesGeneration(draft: KubeObject, old: KubeObject): boolean {
    const { generation, changesGeneration } = this.#definition;
    if (generation === undefined) return false;
    if (generation.some((field) => !semanticEqual(draft[field], old[field]))) return true;
    return changesGeneration?.(loose<T>(draft), loose<T>(old)) ?? false;
  }
}

// The decoder has checked the types of all fields against the kind, so a draft is a T of which anything may be missing.

function edit<T>(draft: Draft): Edit<T> {
  return draft as unknown as Edit<T>;
}

function loose<T>(object: KubeObject): Loose<T> {
  return object as unknown as Loose<T>;
}

function collect(check: (faults: Faults) => void): readonly FieldError[] {
  const faults = new Faults();
  check(faults);
  return faults.count === 0 ? NOTHING : faults.list;
}

function keep(draft: Draft, old: KubeObject, field: string): void {
  if (old[field] === undefined) delete draft[field];
  else draft[field] = old[field];
}

function keepAllBut(draft: Draft, old: KubeObject, changed: string): void {
  for (const field of Object.keys(draft)) {
    if (field !== changed && field !== 'metadata' && old[field] === undefined) delete draft[field];
  }
  for (const field of Object.keys(old)) {
    if (field !== changed && field !== 'metadata') draft[field] = old[field];
  }
}
