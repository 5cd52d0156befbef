/** A field as the type table has it. */
export interface RawField {
  readonly type: string;
  readonly required?: boolean;
  readonly default?: string;
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

/** A definition as the type table has it. */
export interface RawDefinition {
  readonly type?: string;
  readonly gvk?: readonly (readonly [string, string, string])[];
  readonly fields?: Readonly<Record<string, RawField>>;
}
