/** First and last address of load balancers: the upper part of 172.18.0.0/16, whose lower part is the nodes'. */
const FIRST = [172, 18, 200, 1] as const;
const LAST = [172, 18, 255, 254] as const;

/** Addresses that are given out lowest first, so that the same Services always get the same. */
export class AddressPool {
  readonly #owners = new Map<string, string>();
  readonly #addresses = new Map<string, string>();

  /** The owner's address, which it keeps; a wish is granted when that is free. Undefined when it cannot be. */
  claim(owner: string, wish?: string): string | undefined {
    const held = this.#addresses.get(owner);
    if (held !== undefined && (wish === undefined || wish === held)) return held;
    const address = wish ?? this.#lowestFree();
    if (address === undefined || (this.#owners.get(address) ?? owner) !== owner) return undefined;
    this.release(owner);
    this.#owners.set(address, owner);
    this.#addresses.set(owner, address);
    return address;
  }

  release(owner: string): void {
    const address = this.#addresses.get(owner);
    if (address === undefined) return;
    this.#addresses.delete(owner);
    this.#owners.delete(address);
  }

  #lowestFree(): string | undefined {
    const last = toNumber(LAST);
    for (let number = toNumber(FIRST); number <= last; number += 1) {
      const host = number % 256;
      if (host === 0 || host === 255) continue;
      const address = toText(number);
      if (!this.#owners.has(address)) return address;
    }
    return undefined;
  }
}

function toNumber(parts: readonly [number, number, number, number]): number {
  return ((parts[0] * 256 + parts[1]) * 256 + parts[2]) * 256 + parts[3];
}

function toText(number: number): string {
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');
}
