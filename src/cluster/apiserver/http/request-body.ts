import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { decodeProtobuf, ProtobufError } from '../../../kube/protobuf.ts';
import { StatusError } from '../../../kube/status-error.ts';
import { parseManifest } from '../../../yaml/index.ts';
import { badRequest, requestEntityTooLarge, unsupportedMediaType } from '../../registry/status.ts';
import { mediaTypeOf } from './media-types.ts';

/** apiserver: pkg/server/config.go, MaxRequestBodyBytes. */
const LIMIT = 3 * 1024 * 1024;

const unzip = promisify(gunzip);

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const JSON_TYPE = 'application/json';
const YAML = 'application/yaml';
export const PATCH_TYPES: ReadonlyMap<string, 'json' | 'merge' | 'strategic' | 'apply'> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

/** Everything that a client sent. @throws StatusError 400 for what cannot be unpacked or breaks off, 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const zipped = request.headers['content-encoding'] === 'gzip';
  try {
    return await (zipped ? unzipped(request) : collected(request));
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`unable to read the body: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function unzipped(request: IncomingMessage): Promise<Buffer> {
  const bytes = await collected(request);
  try {
    return await unzip(bytes, { maxOutputLength: LIMIT });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
  }
}

/** Most bodies come in one piece: a listener each is a good deal cheaper than an iterator. */
function collected(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LIMIT) {
        chunks.push(chunk);
        return;
      }
      // The rest is heard and forgotten, so that the client gets to reading the answer.
      chunks.length = 0;
      reject(tooLarge());
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('close', () => {
      if (!request.readableEnded) reject(new Error('aborted'));
    });
    if (request.destroyed) reject(new Error('aborted'));
  });
}

function tooLarge(): StatusError {
  return requestEntityTooLarge('the request entity is too large');
}

/** The object in a body, or undefined for an empty one. @throws StatusError 400, 415 */
export function readObject(bytes: Buffer, contentType: string | undefined): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined;
  const type = mediaTypeOf(contentType);
  const value = type === PROTOBUF ? readProtobuf(bytes) : readText(bytes, type);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`couldn't get version/kind; json parse error: the body is no object`);
  }
  return value as Record<string, unknown>;
}

function readProtobuf(bytes: Buffer): unknown {
  try {
    return decodeProtobuf(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}

function readText(bytes: Buffer, type: string): unknown {
  const text = bytes.toString('utf8');
  if (type === YAML) return readYaml(text);
  if (type !== '' && type !== JSON_TYPE && type !== 'text/plain') throw unknownFormat([JSON_TYPE, YAML, PROTOBUF]);
  return readJson(text);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badRequest(`error decoding: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readYaml(text: string): unknown {
  try {
    return parseManifest(text, { file: 'body' });
  } catch (error) {
    throw badRequest(`error decoding: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The patch in a body with its type. @throws StatusError 400, 415 */
export function readPatch(
  bytes: Buffer,
  contentType: string | undefined,
): { readonly patchType: 'json' | 'merge' | 'strategic' | 'apply'; readonly patch: unknown } {
  const patchType = PATCH_TYPES.get(mediaTypeOf(contentType));
  if (patchType === undefined) throw unknownFormat([...PATCH_TYPES.keys()]);
  const text = bytes.toString('utf8');
  const looksLikeJson = /^\s*[[{]/.test(text);
  return { patchType, patch: patchType === 'apply' && !looksLikeJson ? readYaml(text) : readJson(text) };
}

function unknownFormat(types: readonly string[]): Error {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  );
}
