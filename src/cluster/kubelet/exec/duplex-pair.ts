import { Duplex } from 'node:stream';

class Half extends Duplex {
  #other: Half | undefined;
  #waiting: (() => void) | undefined;

  connect(other: Half): void {
    this.#other = other;
  }

  override _read(): void {
    const resume = this.#waiting;
    this.#waiting = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const other = this.#other;
    if (other === undefined || other.destroyed || other.push(chunk)) done();
    else other.#waiting = done;
  }

  override _final(done: () => void): void {
    if (this.#other?.destroyed === false) this.#other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other;
    this.#waiting?.();
    if (other !== undefined && !other.destroyed) {
      other.push(null);
      other.#waiting?.();
    }
    done(error);
  }
}

/** Two ends of one connection. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const [one, other] = [new Half(), new Half()];
  one.connect(other);
  other.connect(one);
  return [one, other];
}
