/** A variable of a template, found by name when the template is compiled. */
export interface Variable {
  readonly name: string;
  readonly slot: number;
  /** The variable of the same name that this one hides. */
  readonly outer: Variable | undefined;
}

/** Counts the slots of one template. */
export interface SlotCounter {
  count: number;
}

/** The variables that are visible at some place of a template; blocks have scopes of their own. */
export class Scope {
  readonly #slots: SlotCounter;
  readonly #parent: Scope | undefined;
  readonly #variables = new Map<string, Variable>();

  private constructor(slots: SlotCounter, parent: Scope | undefined) {
    this.#slots = slots;
    this.#parent = parent;
  }

  /** The scope of a template's root, with `$` in slot 0. */
  static root(slots: SlotCounter): Scope {
    const scope = new Scope(slots, undefined);
    scope.declare('$');
    return scope;
  }

  child(): Scope {
    return new Scope(this.#slots, this);
  }

  declare(name: string): Variable {
    const variable = { name, slot: this.newSlot(), outer: this.find(name) };
    this.#variables.set(name, variable);
    return variable;
  }

  /** A slot without a name. */
  newSlot(): number {
    this.#slots.count += 1;
    return this.#slots.count - 1;
  }

  get slotCount(): number {
    return this.#slots.count;
  }

  find(name: string): Variable | undefined {
    return this.#variables.get(name) ?? this.#parent?.find(name);
  }
}
