/** A variable of a template, found by name when the template is compiled. */
export interface Variable {
  readonly name: string;
  readonly slot: number;
  /** The variable of the same name that this one hides. */
  readonly outer: Variable | undefined;
  /** The one declared before, in this scope or around it. */
  readonly before: Variable | undefined;
}

/** Counts the slots of one template. */
export interface SlotCounter {
  count: number;
}

/**
 * The variables that are visible at some place of a template; blocks have scopes of their own. What is declared around a block
 * behind it is not seen in it, so blocks may be compiled later than what follows them.
 */
export class Scope {
  readonly #slots: SlotCounter;
  #last: Variable | undefined;

  private constructor(slots: SlotCounter, last: Variable | undefined) {
    this.#slots = slots;
    this.#last = last;
  }

  /** The scope of a template's root, with `$` in slot 0. */
  static root(slots: SlotCounter): Scope {
    const scope = new Scope(slots, undefined);
    scope.declare('$');
    return scope;
  }

  child(): Scope {
    return new Scope(this.#slots, this.#last);
  }

  declare(name: string): Variable {
    const variable = { name, slot: this.newSlot(), outer: this.find(name), before: this.#last };
    this.#last = variable;
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
    let variable = this.#last;
    while (variable !== undefined && variable.name !== name) variable = variable.before;
    return variable;
  }
}
