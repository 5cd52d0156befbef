// Watchers of the HTTP bench, in a process of their own: as cheap as a client can be, since it shares the machine with the server.
// Connections are bare TLS sockets. All watchers of one selector must hear the same bytes: one of them (whichever is ahead) is read event
// by event, the others are compared with it byte for byte, so that nothing can be lost, doubled, changed or out of order unseen.
import http2 from 'node:http2';
import tls from 'node:tls';

const HEAD_END = Buffer.from('\r\n\r\n');
const LONGEST_DELAY = 60_000;
/** What all connections read into, one after the other. */
const READ = Buffer.allocUnsafe(64 * 1024);

/** What was heard by the watcher that is ahead. */
let heard = Buffer.allocUnsafe(64 * 1024 * 1024);
let heardLength = 0;
let parsedTo = 0;
/** End of each event in `heard`, and when it was sent. */
const ends = [];
const sentAt = [];
let lastRevision = 0;
let disorder = 0;
let differing = 0;
let deliveries = 0;
const histogram = new Float64Array(LONGEST_DELAY + 1);
let closed = 0;

function now() {
  return performance.timeOrigin + performance.now();
}

/** A watcher's next bytes. */
function take(watcher, bytes) {
  const known = Math.min(bytes.length, heardLength - watcher.offset);
  if (known > 0 && heard.compare(bytes, 0, known, watcher.offset, watcher.offset + known) !== 0) differing += 1;
  if (known < bytes.length) append(known === 0 ? bytes : bytes.subarray(known));
  watcher.offset += bytes.length;
  const at = now();
  while (watcher.event < ends.length && ends[watcher.event] <= watcher.offset) {
    const sent = sentAt[watcher.event];
    watcher.event += 1;
    // What was there before the bench began.
    if (Number.isNaN(sent)) continue;
    histogram[Math.max(0, Math.min(LONGEST_DELAY, Math.round(at - sent)))] += 1;
    deliveries += 1;
  }
}

function append(bytes) {
  if (heardLength + bytes.length > heard.length) {
    const larger = Buffer.allocUnsafe(heard.length * 2);
    heard.copy(larger, 0, 0, heardLength);
    heard = larger;
  }
  bytes.copy(heard, heardLength);
  heardLength += bytes.length;
  for (;;) {
    const end = heard.subarray(parsedTo, heardLength).indexOf(10);
    if (end === -1) return;
    const { object } = JSON.parse(heard.latin1Slice(parsedTo, parsedTo + end));
    const revision = Number(object.metadata.resourceVersion);
    if (!(revision > lastRevision)) disorder += 1;
    lastRevision = revision;
    parsedTo += end + 1;
    ends.push(parsedTo);
    sentAt.push(Number(object.data.n ?? Number.NaN));
  }
}

/** Takes chunks of HTTP/1.1 apart. */
class Chunks {
  #rest = 0;
  #line = '';

  feed(bytes, give) {
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const length = Math.min(this.#rest, bytes.length - at);
        give(bytes.subarray(at, at + length));
        at += length;
        this.#rest -= length;
        continue;
      }
      const end = bytes.indexOf(10, at);
      const to = end === -1 ? bytes.length : end + 1;
      this.#line += bytes.latin1Slice(at, to);
      at = to;
      if (end === -1) return;
      const size = this.#line.trim();
      this.#line = '';
      if (size !== '') this.#rest = Number.parseInt(size, 16);
    }
  }
}

function open({ port, ca, token, path }) {
  return new Promise((resolve, reject) => {
    const watcher = { offset: 0, event: 0, stop: () => socket.destroy() };
    const chunks = new Chunks();
    const give = (bytes) => take(watcher, bytes);
    let head = Buffer.alloc(0);
    const hear = (bytes) => {
      if (head === undefined) {
        chunks.feed(bytes, give);
        return;
      }
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      const rest = head.subarray(end + 4);
      if (!head.latin1Slice(0, 20).includes(' 200 ')) reject(new Error(head.latin1Slice(0, 400)));
      head = undefined;
      resolve(watcher);
      if (rest.length > 0) chunks.feed(rest, give);
    };
    const callback = (length, buffer) => {
      hear(buffer.subarray(0, length));
      return true;
    };
    const options = { host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'], onread: { buffer: READ, callback } };
    const socket = tls.connect(options, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      closed += 1;
    });
  });
}

/** The same over HTTP/2, a connection for each watcher. */
function open2({ port, ca, token, path }) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca });
    const watcher = { offset: 0, event: 0, stop: () => session.destroy() };
    session.on('error', reject);
    session.on('close', () => {
      closed += 1;
    });
    session.once('connect', () => session.setLocalWindowSize(16 * 2 ** 20));
    const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
    stream.on('response', () => resolve(watcher));
    stream.on('data', (bytes) => take(watcher, bytes));
    stream.on('error', reject);
  });
}

/** The delay below which a part of all deliveries lies, ms. */
function delay(part) {
  let left = deliveries * part;
  for (let ms = 0; ms <= LONGEST_DELAY; ms += 1) {
    left -= histogram[ms];
    if (left <= 0) return ms;
  }
  return LONGEST_DELAY;
}

let watchers = [];
const commands = {
  open: async ({ count, protocol, ...address }) => {
    const one = protocol === 2 ? open2 : open;
    while (watchers.length < count) {
      const some = Math.min(50, count - watchers.length);
      watchers.push(...(await Promise.all(Array.from({ length: some }, () => one(address)))));
    }
    return process.cpuUsage();
  },
  report: () => ({
    events: ends.length,
    deliveries,
    disorder,
    differing,
    closed,
    p50: delay(0.5),
    p99: delay(0.99),
    longest: delay(1),
    bytes: heardLength,
    cpu: process.cpuUsage(),
  }),
  stop: () => {
    for (const watcher of watchers) watcher.stop();
    watchers = [];
  },
};

process.on('message', ({ id, command, argument }) => {
  void (async () => process.send({ id, result: await commands[command](argument) }))();
});
