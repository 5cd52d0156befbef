import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { PintleError } from '../../base/errors.ts';
import { shownUrl } from '../../base/shown-url.ts';
import { basicLogin } from './basic-login.ts';

/** An agent whose connections go through an HTTP proxy (`CONNECT`). */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #tls: https.AgentOptions;

  /** @throws PintleError `target` for a proxy of another kind */
  constructor(proxy: string, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxyUrl(proxy);
    this.#tls = options;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const target = `${options.host ?? ''}:${options.port ?? 443}`;
    const login = basicLogin(this.#proxy);
    const connect = (this.#proxy.protocol === 'https:' ? https : http).request({
      hostname: this.#proxy.hostname,
      port: this.#proxy.port,
      method: 'CONNECT',
      path: target,
      headers: {
        Host: target,
        ...(login === undefined ? {} : { 'Proxy-Authorization': login }),
      },
    });
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    connect.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        fail(new PintleError('target', `the proxy ${this.#proxy.host} refused: ${response.statusCode ?? 0}`));
        return;
      }
      const secured = tls.connect({ ...this.#tls, socket });
      secured.once('secureConnect', () => callback?.(null, secured));
      secured.once('error', fail);
    });
    connect.on('error', fail);
    connect.end();
    return undefined;
  }
}

/** The address of a proxy. @throws PintleError `target` for one of another kind */
export function proxyUrl(text: string): URL {
  const isUrl = URL.canParse(text);
  const url = isUrl ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new PintleError('target', `cannot use the proxy ${JSON.stringify(shownUrl(text))}`, {
    hint: 'use one of the form http://HOST:PORT or https://HOST:PORT',
  });
}
