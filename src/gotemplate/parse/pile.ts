/**
 * Collects lists that may lie in one another. An array that grows by one element after the other keeps room for sixteen more, which for
 * the short lists of a tree is most of its memory; what {@link take} gives has just the room it needs.
 */
export class Pile<Item> {
  readonly #items: Item[] = [];
  #count = 0;

  /** Where a new list begins: what {@link take} is to be given. */
  get mark(): number {
    return this.#count;
  }

  add(item: Item): void {
    this.#items[this.#count] = item;
    this.#count += 1;
  }

  /** Ends the list that began at a mark. */
  take(mark: number): readonly Item[] {
    const items = this.#items.slice(mark, this.#count);
    this.#count = mark;
    return items;
  }
}
