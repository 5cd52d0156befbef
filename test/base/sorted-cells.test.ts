import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { type Cell, SortedCells } from '../../src/base/sorted-cells.ts';

interface Item {
  readonly key: number;
  readonly step: number;
}

const byKey = (a: Item, b: Item): number => a.key - b.key;

/** Cells in a map, and the sorted list of what is in them. */
class Model {
  readonly cells = new Map<number, Cell<Item>>();
  readonly sorted = new SortedCells<Item>(byKey, () => this.cells.values());

  put(item: Item): void {
    const known = this.cells.get(item.key);
    if (known !== undefined) {
      known.value = item;
      this.sorted.replaced();
      return;
    }
    const cell = { value: item };
    this.cells.set(item.key, cell);
    this.sorted.added(cell);
  }

  delete(key: number): void {
    const known = this.cells.get(key);
    if (known === undefined) return;
    this.cells.delete(key);
    this.sorted.removed(known);
  }

  expected(): readonly Item[] {
    return [...this.cells.values()].map(({ value }) => value).sort(byKey);
  }
}

describe('sorted cells', () => {
  // Lists are asked for after few changes, which are put in their places, and after many, after which all is sorted anew.
  test.each([1, 7, 500])('are in order when a list is asked for after each %i changes', (pause) => {
    const random = new SeededRandom(pause);
    const model = new Model();
    let shown = model.sorted.list();
    let copy = [...shown];
    for (let step = 0; step < 1000; step += 1) {
      const key = random.below(400);
      if (random.below(10) < (step < 500 ? 7 : 3)) model.put({ key, step });
      else model.delete(key);
      if (step % pause > 0) continue;
      expect(shown).toEqual(copy);
      shown = model.sorted.list();
      copy = [...shown];
      expect(shown).toEqual(model.expected());
      expect(model.sorted.list()).toBe(shown);
    }
  });

  test('find one that came, went and came again between two lists', () => {
    const model = new Model();
    for (let key = 0; key < 10; key += 1) model.put({ key, step: 0 });
    model.sorted.list();
    model.delete(3);
    model.put({ key: 3, step: 1 });
    model.delete(3);
    model.put({ key: 3, step: 2 });
    model.put({ key: 11, step: 2 });
    model.delete(11);
    expect(model.sorted.list()).toEqual(model.expected());
  });
});
