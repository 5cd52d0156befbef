import { createHash } from 'node:crypto';
import type { Store } from '../../src/cluster/store/store.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';

/** Everything that is written to a store, a line each, in order. */
export class EventLog {
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');

  constructor(store: Store, clock: VirtualClock) {
    const commit = store.commit.bind(store);
    store.commit = (changes) => {
      const result = commit(changes);
      if (!result.ok) return result;
      for (const { type, bucket, namespace, name, value } of changes) {
        const line = `${clock.now()} ${result.revision} ${type} ${bucket} ${namespace}/${name}`;
        this.lines.push(line);
        this.#hash.update(`${line} ${JSON.stringify(value)}\n`);
      }
      return result;
    };
  }

  /** Of the lines and of what was written. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
