import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ADMINISTRATOR } from '../../../../src/cluster/apiserver/http/authenticate.ts';
import type { ApiServer } from '../../../../src/cluster/apiserver/api-server.ts';
import { START } from '../../../support/embedded-cluster.ts';
import { realTools } from '../../../support/real-tools.ts';
import { type Run, type ServedFixture, serveForTest } from '../served.ts';
import { words } from '../transcript.ts';
import { tidy } from './tidy.ts';

/** Real milliseconds without a request after which a command that polls is taken to wait for time to pass. */
const IDLE = 3000;

/**
 * One line of a session:
 *
 * - `kubectl …`, words may be quoted with `'`; ` <<< text` at the end is its standard input
 * - `… # 30s pass`: as soon as the command waits for the cluster, so much time passes there
 * - `… &`: goes on in the background, until `stop 3` shows what it has printed: once that is three lines
 * - `sleep 30s`: time passes
 */
export type Line = string;

/**
 * A cluster whose time stands still but when the session says otherwise, and the real kubectl: so what is printed is the same
 * each time, ages included.
 */
export class Session {
  readonly fixture: ServedFixture;
  readonly #env: NodeJS.ProcessEnv;
  readonly #activity: Activity;
  #background: Background | undefined;

  private constructor(fixture: ServedFixture, env: NodeJS.ProcessEnv) {
    this.fixture = fixture;
    this.#env = env;
    this.#activity = new Activity(fixture.embedded.cluster.apiServer);
  }

  /** @param files by their path in the folder that commands run in */
  static async start(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}): Promise<Session> {
    const fixture = await serveForTest({ speed: 0, start: START });
    const session = new Session(fixture, env);
    for (const [name, text] of Object.entries(files)) session.write(name, text);
    return session;
  }

  write(name: string, text: string): void {
    const path = join(this.fixture.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  close(): Promise<void> {
    return this.fixture.close();
  }

  /** Runs lines one after the other; gives what a terminal would have shown, tidied up. */
  async run(lines: readonly Line[]): Promise<string> {
    let text = '';
    for (const line of lines) text += await this.#line(line);
    return tidy(text);
  }

  /** The same for lines that change nothing: several at a time. */
  async look(lines: readonly Line[]): Promise<string> {
    const [first, ...rest] = lines;
    // The first one fills kubectl's cache, which several at once would write over.
    const texts = [first === undefined ? '' : await this.#line(first)];
    const left = rest.entries();
    const worker = async (): Promise<void> => {
      for (const [i, line] of left) texts[i + 1] = await this.#line(line);
    };
    await Promise.all([worker(), worker(), worker()]);
    return tidy(texts.join(''));
  }

  async #line(line: Line): Promise<string> {
    const sleep = /^sleep (\S+)$/.exec(line)?.[1];
    if (sleep !== undefined) {
      await this.#pass(sleep);
      return `$ ${line}\n\n`;
    }
    const lines = /^stop (\d+)$/.exec(line)?.[1];
    if (lines !== undefined) {
      const output = (await this.#background?.stop(Number(lines))) ?? '';
      this.#background = undefined;
      return `$ stop\n${output}\n`;
    }
    const { command, input, passing, background } = parsed(line);
    const [program = '', ...args] = words(command);
    if (program !== 'kubectl') throw new Error(`no program ${program}`);
    if (background) {
      this.#activity.reset();
      const started = new Background(args, { ...this.fixture.env, ...this.#env }, this.fixture.folder);
      this.#background = started;
      await this.#activity.waiting(() => started.isOver);
      return `$ ${line}\n\n`;
    }
    const options = { env: this.#env, ...(input === undefined ? {} : { input }) };
    this.#activity.reset();
    const running = this.fixture.kubectl(args, options);
    const run = passing === undefined ? await running : await this.#withTime(running, passing);
    const code = run.code === 0 ? '' : `[exit ${run.code}]\n`;
    return `$ ${line}\n${run.stdout}${run.stderr}${code}\n`;
  }

  async #withTime(running: Promise<Run>, passing: string): Promise<Run> {
    let isOver = false;
    void running.then(() => {
      isOver = true;
    });
    await this.#activity.waiting(() => isOver);
    await this.#pass(passing);
    return await running;
  }

  async #pass(duration: string): Promise<void> {
    const [, number = '0', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
    const size = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
    if (size === undefined) throw new Error(`no duration: ${duration}`);
    await this.fixture.embedded.advance(Number(number) * size);
  }
}

function parsed(line: Line): {
  readonly command: string;
  readonly input: string | undefined;
  readonly passing: string | undefined;
  readonly background: boolean;
} {
  const passing = / # (\S+) pass$/.exec(line)?.[1];
  const background = line.endsWith(' &');
  const [command = '', input] = line.replace(/ # \S+ pass$| &$/, '').split(' <<< ');
  return { command, input, passing, background };
}

/** Watches what clients ask of the API server. */
class Activity {
  #last = 0;
  #watches = 0;
  #evictions = 0;

  constructor(apiServer: ApiServer) {
    const watch = apiServer.watch.bind(apiServer);
    const handle = apiServer.handle.bind(apiServer);
    apiServer.watch = (request) => {
      if (request.user === ADMINISTRATOR) this.#watches += 1;
      return watch(request);
    };
    apiServer.handle = (request) => {
      this.#last = Date.now();
      if (request.verb === 'create' && request.subresource === 'eviction') this.#evictions += 1;
      return handle(request);
    };
  }

  reset(): void {
    this.#watches = 0;
    this.#evictions = 0;
  }

  /** Resolves when a client waits: it watches, or has evicted pods and asks for no more; or when it is over. */
  async waiting(isOver: () => boolean): Promise<void> {
    while (this.#watches === 0 && !isOver()) {
      if (this.#evictions > 0 && Date.now() - this.#last > IDLE) return;
      await pause(10);
    }
  }
}

/** A command that goes on while others run. */
class Background {
  readonly #child: ChildProcess;
  #output = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, folder: string) {
    this.#child = spawn(realTools().kubectl, args, { env, cwd: folder });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null;
  }

  /** What it has printed once that is so many lines, and those that come at the same time; or what there is after a minute. */
  async stop(lines: number): Promise<string> {
    const end = Date.now() + 60_000;
    while (this.#output.split('\n').length <= lines && Date.now() < end) await pause(10);
    await pause(100);
    this.#child.kill();
    return this.#output;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
