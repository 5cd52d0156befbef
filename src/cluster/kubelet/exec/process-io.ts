import type { Readable } from 'node:stream';

/** What a process reads. */
export interface Input {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** The next line without its end; undefined at the end. */
  readLine(): Promise<string | undefined>;
}

/** Everything that is left. */
export async function readAll(input: Input): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await input.read(); chunk !== undefined; chunk = await input.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes that are there already, such as the output of the program before in a pipe. */
export function bytesInput(bytes: Uint8Array): Input {
  let rest: Buffer | undefined = Buffer.from(bytes);
  return {
    read: async () => {
      const all = rest;
      rest = undefined;
      return all;
    },
    readLine: async () => {
      if (rest === undefined || rest.length === 0) return undefined;
      const end = rest.indexOf(10);
      const line = end === -1 ? rest : rest.subarray(0, end);
      rest = end === -1 ? undefined : rest.subarray(end + 1);
      return line.toString('utf8');
    },
  };
}

/** What comes from a client. */
export class StreamInput implements Input {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#iterator = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = Buffer.alloc(0);
      return rest;
    }
    return await this.#next();
  }

  async readLine(): Promise<string | undefined> {
    const parts: Buffer[] = [];
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end !== -1) {
        parts.push(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return Buffer.concat(parts).toString('utf8');
      }
      if (this.#rest.length > 0) parts.push(this.#rest);
      const chunk = await this.#next();
      this.#rest = Buffer.from(chunk ?? []);
      if (chunk === undefined) return parts.length === 0 ? undefined : Buffer.concat(parts).toString('utf8');
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#iterator.next();
      return done === true ? undefined : value;
    } catch {
      // The client went in the middle of it.
      return undefined;
    }
  }
}

const ENTER = 13;
const NEWLINE = 10;
const INTERRUPT = 3;
const END = 4;
const ESCAPE = 27;
const ERASE: ReadonlySet<number> = new Set([8, 127]);

/** What somebody types at a terminal: shown as it is typed, corrected with Backspace, ended with Ctrl-D. */
export class TerminalInput implements Input {
  readonly #source: Input;
  readonly #show: (bytes: Uint8Array) => void;
  #pending: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(source: Input, show: (bytes: Uint8Array) => void) {
    this.#source = source;
    this.#show = show;
  }

  async read(): Promise<Uint8Array | undefined> {
    const line = await this.readLine();
    return line === undefined ? undefined : Buffer.from(`${line}\n`, 'utf8');
  }

  /** @throws Interrupted on Ctrl-C */
  async readLine(): Promise<string | undefined> {
    const typed: number[] = [];
    for (;;) {
      const byte = await this.#byte();
      if (byte === undefined) return typed.length === 0 ? undefined : Buffer.from(typed).toString('utf8');
      if (byte === ENTER || byte === NEWLINE) {
        this.#echo('\r\n');
        return Buffer.from(typed).toString('utf8');
      }
      if (byte === INTERRUPT) {
        this.#echo('^C\r\n');
        throw new Interrupted();
      }
      if (byte === END) {
        if (typed.length === 0) return undefined;
      } else if (byte === ESCAPE) await this.#skipSequence();
      else if (ERASE.has(byte)) this.#erase(typed);
      else if (byte >= 32 || byte === 9) {
        typed.push(byte);
        this.#show(Uint8Array.of(byte));
      }
    }
  }

  #erase(typed: number[]): void {
    // All bytes of a character go together.
    let last = typed.pop();
    if (last === undefined) return;
    while (last !== undefined && (last & 0xc0) === 0x80) last = typed.pop();
    this.#echo('\b \b');
  }

  /** Arrow keys and their like. */
  async #skipSequence(): Promise<void> {
    const second = await this.#byte();
    if (second !== 0x5b && second !== 0x4f) return;
    for (let byte = await this.#byte(); byte !== undefined && byte < 0x40; byte = await this.#byte());
  }

  #echo(text: string): void {
    this.#show(Buffer.from(text, 'latin1'));
  }

  async #byte(): Promise<number | undefined> {
    while (this.#at >= this.#pending.length) {
      const chunk = await this.#source.read();
      if (chunk === undefined) return undefined;
      this.#pending = chunk;
      this.#at = 0;
    }
    const byte = this.#pending[this.#at];
    this.#at += 1;
    return byte;
  }
}

/** Text as a terminal wants it: a line begins at its left end. */
export function withReturns(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}

/** Ctrl-C at a terminal. */
export class Interrupted extends Error {}
