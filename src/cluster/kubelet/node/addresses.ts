/** The range of all pods of clusters that have up to 256 nodes. */
export const POD_RANGE = '10.244.0.0/16';

/** Pod networks of nodes: 10.244.0.0/24, 10.244.1.0/24, … */
export function podCidr(index: number): string {
  return `${prefixOf(index)}.0/24`;
}

/** Addresses of nodes: 172.18.0.2, 172.18.0.3, … */
export function nodeAddress(index: number): string {
  const host = index + 2;
  return `172.18.${host >> 8}.${host & 0xff}`;
}

/** Networks from 10.244 up to 10.255, and then from 10.112: Services have 10.96 to 10.111. */
function prefixOf(index: number): string {
  const block = 244 + (index >> 8);
  return `10.${block > 255 ? block - 144 : block}.${index & 0xff}`;
}

const FIRST = 2;
const LAST = 254;

/** Gives out the addresses of a node's pod network, each again only after all others. */
export class PodAddresses {
  readonly #prefix: string;
  readonly #taken = new Set<string>();
  #next = FIRST;

  constructor(index: number) {
    this.#prefix = prefixOf(index);
  }

  /** An address, or the wanted one if it is of this network and free; undefined when there is none. */
  take(wanted?: string): string | undefined {
    if (wanted !== undefined) {
      if (!wanted.startsWith(`${this.#prefix}.`) || this.#taken.has(wanted)) return undefined;
      this.#taken.add(wanted);
      const host = Number(wanted.slice(this.#prefix.length + 1));
      if (host >= this.#next) this.#next = host === LAST ? FIRST : host + 1;
      return wanted;
    }
    for (let tries = FIRST; tries <= LAST; tries += 1) {
      const address = `${this.#prefix}.${this.#next}`;
      this.#next = this.#next === LAST ? FIRST : this.#next + 1;
      if (!this.#taken.has(address)) {
        this.#taken.add(address);
        return address;
      }
    }
    return undefined;
  }

  free(address: string): void {
    this.#taken.delete(address);
  }
}
