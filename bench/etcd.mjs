// A real etcd on loopback, and just enough of a client: gRPC over HTTP/2 with messages written by hand.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The etcd of the machine, or Debian's package unpacked into a cache folder; undefined when neither can be had. */
export function findEtcd() {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (existsSync(join(folder, 'etcd'))) return join(folder, 'etcd');
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pintle-etcd');
  const path = join(cache, 'x/usr/bin/etcd');
  if (existsSync(path)) return path;
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync('apt-get', ['download', 'etcd-server'], { cwd: cache, stdio: 'ignore' });
    const [file] = readdirSync(cache).filter((name) => name.endsWith('.deb'));
    execFileSync('dpkg', ['-x', file, 'x'], { cwd: cache, stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return existsSync(path) ? path : undefined;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts one member that syncs every write to disk, as etcd does. */
export async function startEtcd(program) {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-etcd-'));
  const [port, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const child = spawn(
    program,
    [
      ['--data-dir', folder],
      ['--listen-client-urls', url],
      ['--advertise-client-urls', url],
      ['--listen-peer-urls', peerUrl],
      ['--initial-advertise-peer-urls', peerUrl],
      ['--initial-cluster', `default=${peerUrl}`],
      ['--quota-backend-bytes', String(4 * 2 ** 30)],
      ['--log-level', 'error'],
    ].flat(),
    { stdio: 'ignore', env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } },
  );
  for (let i = 0; ; i += 1) {
    try {
      if ((await fetch(`${url}/health`)).ok) break;
    } catch {
      if (i === 200) throw new Error('etcd does not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    connect: () => new EtcdClient(url),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function varint(number) {
  const bytes = [];
  let rest = number;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field of bytes. */
function bytesField(number, value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function frame(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

class EtcdClient {
  constructor(url) {
    this.session = http2.connect(url, { settings: { initialWindowSize: 4 * 2 ** 20 } });
    this.session.once('connect', () => this.session.setLocalWindowSize(16 * 2 ** 20));
  }

  #call(path, message) {
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      let length = 0;
      stream.on('data', (chunk) => {
        length += chunk.length;
      });
      stream.on('trailers', (trailers) => {
        if (trailers['grpc-status'] !== '0') reject(new Error(`etcd: ${trailers['grpc-message']}`));
      });
      stream.on('error', reject);
      stream.on('end', () => resolve(length));
      stream.end(frame(message));
    });
  }

  put(key, value) {
    return this.#call('/etcdserverpb.KV/Put', Buffer.concat([bytesField(1, key), bytesField(2, value)]));
  }

  /** All keys with a prefix; gives the number of bytes. */
  range(prefix) {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    return this.#call('/etcdserverpb.KV/Range', Buffer.concat([bytesField(1, prefix), bytesField(2, end)]));
  }

  /** Watches a prefix; calls back with the number of bytes of each message. */
  watch(prefix, heard) {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const create = Buffer.concat([bytesField(1, prefix), bytesField(2, end)]);
    const stream = this.session.request({
      ':method': 'POST',
      ':path': '/etcdserverpb.Watch/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('data', (chunk) => heard(chunk.length));
    stream.on('error', () => {});
    stream.write(frame(bytesField(1, create)));
    return () => stream.close();
  }

  close() {
    this.session.destroy();
  }
}
