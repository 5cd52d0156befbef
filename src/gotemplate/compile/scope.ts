/** A variable of a template, found by name when the template is compiled. */
export interface Variable {
  readonly name: string;
  /** Variables that are declared later have higher ones. */
  readonly slot: number;
  /** The variable of the same name that this one hides. */
  readonly outer: Variable | undefined;
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
  readonly #parent: Scope | undefined;
  /** The slots from which on variables of the parent are behind this block. */
  readonly #end: number;
  /** The last variable of each name. */
  #own: Map<string, Variable> | undefined;

  private constructor(slots: SlotCounter, parent: Scope | undefined) {
    this.#slots = slots;
    this.#parent = parent;
    this.#end = slots.count;
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
    this.#own ??= new Map();
    this.#own.set(name, variable);
    return variable;
  }

  /** A slot without a name. */
  newSlot(): number {
    this.#slots.count += 1;
    return this.#slots.count - 1;
  }

  /** The slots of the variables of a name, the nearest first. */
  slotsOf(name: string): string {
    let slots = '';
    for (let variable = this.find(name); variable !== undefined; variable = variable.outer)
      slots += `${variable.slot}.`;
    return slots;
  }

  get slotCount(): number {
    return this.#slots.count;
  }

  find(name: string): Variable | undefined {
    return this.#findBefore(name, Number.POSITIVE_INFINITY);
  }

  #findBefore(name: string, end: number): Variable | undefined {
    let variable = this.#own?.get(name);
    while (variable !== undefined && variable.slot >= end) variable = variable.outer;
    if (variable !== undefined || this.#parent === undefined) return variable;
    return this.#parent.#findBefore(name, this.#end);
  }
}
