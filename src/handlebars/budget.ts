import type { TemplateLimits } from '../base/template-engine.ts';

/** What is left of the limits of one run, shared with the runs that it includes. */
export class Budget {
  #steps: number;
  #output: number;

  constructor({ steps = Number.POSITIVE_INFINITY, output = Number.POSITIVE_INFINITY }: TemplateLimits = {}) {
    this.#steps = steps;
    this.#output = output;
  }

  /** Takes one loop iteration or partial; false if there is none left. */
  spendStep(): boolean {
    this.#steps -= 1;
    return this.#steps >= 0;
  }

  /** Takes UTF-16 units of output. */
  spendOutput(length: number): boolean {
    this.#output -= length;
    return this.#output >= 0;
  }
}
