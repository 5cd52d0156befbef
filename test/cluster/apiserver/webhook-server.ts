import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '../../../src/cluster/serve/certificates.ts';

/** The request in an AdmissionReview or a ConversionReview. */
export type Review = Readonly<Record<string, unknown>> & { readonly uid: string };

/** A webhook on this machine. */
export interface WebhookServer {
  readonly port: number;
  /** PEM, base64. */
  readonly caBundle: string;
  /** `https://localhost:PORT/PATH` */
  readonly url: (path?: string) => string;
  /** Every request that came. */
  readonly asked: Review[];
  readonly close: () => Promise<void>;
}

export type Respond = (review: Review, path: string) => object | string | Promise<object | string>;

/** A webhook that answers with what a function makes of each request; a text is sent as it is, as a failure. */
export async function webhookServer(respond: Respond): Promise<WebhookServer> {
  const authority = await createAuthority('webhooks', Date.now());
  const subject = { kind: 'server' as const, names: ['localhost', 'hook.default.svc'], addresses: ['127.0.0.1'] };
  const { certificate, key } = await issueCertificate(authority, subject, Date.now());
  const asked: Review[] = [];
  const server = https.createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          kind: string;
          apiVersion: string;
          request: Review;
        };
        asked.push(body.request);
        const answer = await respond(body.request, request.url ?? '');
        if (typeof answer === 'string') {
          response.statusCode = 500;
          response.end(answer);
          return;
        }
        const { kind, apiVersion } = body;
        response.end(JSON.stringify({ kind, apiVersion, response: { uid: body.request.uid, ...answer } }));
      })();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    url: (path = '/') => `https://localhost:${port}${path}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
