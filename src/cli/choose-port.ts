import { createServer } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { readClusterSettings } from './cluster-folder.ts';

/** Where clusters look for a port of their own; below those that systems give to outgoing connections. */
const FIRST = 16_443;
const LAST = 17_443;

/** The ports of all clusters below a folder, with their names. */
async function keptPorts(clusters: string): Promise<ReadonlyMap<number, string>> {
  const ports = new Map<number, string>();
  for (const name of await readdir(clusters).catch(() => [])) {
    // What cannot be read is told when that cluster is opened.
    const { port } = await readClusterSettings(join(clusters, name)).catch(() => ({ port: undefined }));
    if (port !== undefined) ports.set(port, name);
  }
  return ports;
}

/**
 * A port for a cluster that has none: free now, and of no other cluster, since kubectl remembers what is served by host and port.
 *
 * @param clusters the folder of all clusters
 * @throws PintleError `target` when there is none
 */
export async function choosePort(clusters: string): Promise<number> {
  const kept = await keptPorts(clusters);
  for (let port = FIRST; port <= LAST; port += 1) {
    if (!kept.has(port) && (await isFree(port))) return port;
  }
  throw new PintleError('target', `no port from ${FIRST} to ${LAST} is free`, { hint: 'name one with --port' });
}

/** @throws PintleError `usage` for the port of another cluster */
export async function checkPort(clusters: string, name: string, port: number): Promise<void> {
  const other = (await keptPorts(clusters)).get(port);
  if (other === undefined || other === name) return;
  throw new PintleError('usage', `port ${port} is that of embedded cluster "${other}"`, {
    hint: 'kubectl remembers what is served by host and port: choose another one',
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
