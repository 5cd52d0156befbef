import { request } from 'node:https';
import { WebhookFailure } from '../apiserver/webhooks/webhook-client.ts';

/** One call over TLS. */
export interface HttpsCall {
  readonly url: URL;
  /** How failures name the target. */
  readonly address: string;
  /** Where to connect to, when the URL's host is no address. */
  readonly host?: string;
  readonly port: number;
  /** The name that the certificate must bear. */
  readonly serverName: string;
  /** PEM, base64; without one the authorities of this machine count. */
  readonly caBundle: string | undefined;
  readonly body: string;
  readonly timeoutSeconds: number;
}

const LARGEST_ANSWER = 10 * 1024 * 1024;
const UNKNOWN_AUTHORITY = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  ABORT_ERR: 'context deadline exceeded',
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  ECONNRESET: 'EOF',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_WRONG_VERSION_NUMBER: 'http: server gave HTTP response to HTTPS client',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};

/** True for names and addresses of this machine's loopback. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Posts JSON and reads the JSON that comes back.
 *
 * @throws WebhookFailure in the words of Go's client
 */
export async function postJson(call: HttpsCall): Promise<unknown> {
  const { code, text } = await send(call);
  if (code < 200 || code > 299) throw new WebhookFailure(codeText(code, text));
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new WebhookFailure(`couldn't get version/kind; json parse error: ${(error as Error).message}`, error);
  }
}

function send(call: HttpsCall): Promise<{ readonly code: number; readonly text: string }> {
  const { url, host, port, serverName, caBundle, body, timeoutSeconds } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        method: 'POST',
        host: host ?? url.hostname.replace(/^\[|\]$/g, ''),
        port,
        path: `${url.pathname}${url.search}`,
        servername: /^[\d.]+$|:/.test(serverName) ? '' : serverName,
        ...(caBundle === undefined || caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64') }),
        headers: {
          'Content-Type': 'application/json',
          Accept: 'application/json, */*',
          'User-Agent': 'kube-apiserver-admission',
          Host: url.host,
          'Content-Length': Buffer.byteLength(body),
        },
        agent: false,
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > LARGEST_ANSWER) outgoing.destroy(new Error(`the answer is larger than ${LARGEST_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', (error) => reject(failure(call, error)));
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ code: response.statusCode ?? 0, text: '' });
    });
    outgoing.on('error', (error) => reject(failure(call, error)));
    outgoing.end(body);
  });
}

function failure({ address, host, port, url, serverName }: HttpsCall, error: NodeJS.ErrnoException): WebhookFailure {
  const { code = '', message } = error;
  const target = `${host ?? url.hostname}:${port}`;
  let text = ERROR_TEXTS[code] ?? message;
  if (code === 'ECONNREFUSED') text = `dial tcp ${target}: connect: connection refused`;
  else if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    text = `tls: failed to verify certificate: x509: certificate is not valid for ${serverName}: ${message}`;
  }
  return new WebhookFailure(`Post "${address}": ${text}`, error);
}

/** client-go: rest/request.go; apimachinery: pkg/api/errors/errors.go (NewGenericServerResponse) */
function codeText(code: number, text: string): string {
  switch (code) {
    case 400:
      return 'the server rejected our request for an unknown reason';
    case 401:
      return 'the server has asked for the client to provide credentials';
    case 403:
      return text.trim() === '' ? 'forbidden' : text.trim();
    case 404:
      return 'the server could not find the requested resource';
    case 405:
      return 'the server does not allow this method on the requested resource';
    case 429:
      return 'the server has received too many requests and has asked us to try again later';
    case 503:
      return 'the server is currently unable to handle the request';
    case 504:
      return 'the server was unable to return a response in the time allotted, but may still be processing the request';
    default:
      return code >= 500
        ? `an error on the server (${JSON.stringify(text.trim() === '' ? 'unknown' : text.trim())}) has prevented the request from succeeding`
        : `the server responded with the status code ${code} but did not return more information`;
  }
}
