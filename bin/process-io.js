// What the process gives a run of the command line. Nothing here touches process.stdout and its like, which load Node's network
// and stream modules.
'use strict';
const fs = require('node:fs');

/**
 * Writes all of it, also to a pipe whose reader is slow. When the reader has gone the process ends, as by SIGPIPE, but not amid work that
 * signals do not end at once either: then what is written is lost. (A listener to SIGPIPE itself would bring its default back when it goes.)
 */
function write(fd, text) {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      if (error.code === 'EPIPE') {
        if (process.listenerCount('SIGINT') > 0) return;
        process.exit(141);
      }
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function nullDevice() {
  try {
    return fs.statSync('/dev/null').rdev;
  } catch {
    return undefined;
  }
}

/** The stream if it is a terminal; the null device is told apart without asking, since asking loads the streams. */
function terminal(fd, stream) {
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isCharacterDevice() || stats.rdev === nullDevice()) return undefined;
  } catch {
    return undefined;
  }
  const found = process[stream];
  return found.isTTY ? found : undefined;
}

let stdinIsRead = false;

async function stdin() {
  stdinIsRead = true;
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reads a line from the terminal without showing it; undefined without a terminal. Control and C ends the program as usual. */
async function askSecret(prompt) {
  const input = terminal(0, 'stdin');
  if (input === undefined) return undefined;
  write(2, prompt);
  input.setRawMode(true);
  input.resume();
  let text = '';
  try {
    return await new Promise((resolve) => {
      input.on('data', (chunk) => {
        for (const character of chunk.toString('utf8')) {
          if (character === '\u0003') {
            input.setRawMode(false);
            process.exit(130);
          }
          if (character === '\r' || character === '\n' || character === '\u0004') return resolve(text);
          text = character === '\u007f' || character === '\b' ? text.slice(0, -1) : text + character;
        }
      });
    });
  } finally {
    input.setRawMode(false);
    input.removeAllListeners('data');
    input.pause();
    write(2, '\n');
  }
}

/**
 * A large chart keeps the compiler for hot code busy in the background with much that runs a few hundred times, which costs more
 * than it gives; it starts later then, and the room for young objects grows in fewer steps. What is collected there is little, so that
 * several threads at it only wait for each other. None of this may change what the engine has begun.
 */
function expectWork() {
  // Bun has another engine.
  if (process.versions.bun !== undefined) return;
  require('node:v8').setFlagsFromString(
    '--interrupt-budget=4000000 --semi-space-growth-factor=8 --no-parallel-scavenge',
  );
}

/** KiB of stack that fit into what systems give to a process. */
const LARGE_STACK = 3900;

/** Runs once more with a larger stack; undefined where it would not be larger, or what was read is gone. */
function runDeeper(self, args) {
  const isLarge = process.execArgv.some((each) => each.startsWith('--stack-size'));
  if (isLarge || stdinIsRead || process.versions.bun !== undefined || process.platform === 'win32') return undefined;
  const [program, ...first] = self;
  const { status } = require('node:child_process').spawnSync(
    program,
    [`--stack-size=${LARGE_STACK}`, ...process.execArgv, ...first, ...args],
    { stdio: 'inherit' },
  );
  return status ?? 1;
}

/** The outside of a run: see src/cli/io.ts. `self` is how the program is started again. */
function processIo(self) {
  return {
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    stdout: (text) => write(1, text),
    stderr: (text) => write(2, text),
    stdin,
    askSecret,
    columns: terminal(2, 'stderr')?.columns,
    interactive: terminal(1, 'stdout') !== undefined,
    now: () => Date.now(),
    pid: process.pid,
    self,
    expectWork,
    runDeeper: (args) => runDeeper(self, args),
  };
}

module.exports = { processIo };
