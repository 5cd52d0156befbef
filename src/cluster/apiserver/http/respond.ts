import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { StatusError, type Status } from '../../../kube/status-error.ts';
import { toYaml } from '../../../yaml/index.ts';
import { PintleError } from '../../../base/errors.ts';
import { insufficientStorage, internalError } from '../../registry/status.ts';
import { sendWhole } from './send-whole.ts';
import { answerJson, isObjectList, listJson } from './shared-json.ts';

/** Bodies above this are compressed for clients that take it. apiserver: handlers/responsewriters/writers.go. */
const GZIP_THRESHOLD = 128 * 1024;
const compress = promisify(gzip);

/** A whole answer. */
export interface Answer {
  readonly code: number;
  /** Bytes are sent as they are. */
  readonly body: object | string | Uint8Array;
  readonly format?: 'json' | 'yaml';
  /** The body is an object, or a list of objects, as the store holds them: what was written of them is written once. */
  readonly shared?: boolean;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an answer and ends the response. */
export async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { body, format = 'json' } = answer;
  const type = answer.contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : `application/${format}`);
  response.statusCode = answer.code;
  if (answer.code !== 304) response.setHeader('Content-Type', type);
  response.setHeader('Cache-Control', 'no-cache, private');
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  let bytes = answer.shared === true && format === 'json' ? sharedBytes(body) : bytesOf(body, format);
  if (
    !(body instanceof Uint8Array) &&
    bytes.length > GZIP_THRESHOLD &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  ) {
    bytes = await compress(bytes, { level: 1 });
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept-Encoding');
  }
  response.setHeader('Content-Length', bytes.length);
  if (request.method === 'HEAD' || bytes.length === 0) response.end();
  else await sendWhole(response, bytes);
}

function sharedBytes(body: Answer['body']): Buffer {
  if (typeof body !== 'object' || body instanceof Uint8Array) return bytesOf(body, 'json');
  return isObjectList(body) ? listJson(body) : answerJson(body);
}

function bytesOf(body: Answer['body'], format: 'json' | 'yaml'): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = typeof body === 'string' ? body : format === 'yaml' ? toYaml(body) : `${JSON.stringify(body)}\n`;
  return Buffer.from(text, 'utf8');
}

/** The Status of a failure; what is no StatusError is an internal error. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  if (error instanceof PintleError && error.code === 'store-full') return insufficientStorage(error.message).status;
  return internalError(error instanceof Error ? error.message : String(error)).status;
}

/** A failure as an answer. */
export function failureAnswer(error: unknown): Answer {
  const status = statusOf(error);
  const seconds = status.details?.retryAfterSeconds;
  return {
    code: status.code,
    body: status,
    ...(seconds === undefined ? {} : { headers: { 'Retry-After': String(seconds) } }),
  };
}
