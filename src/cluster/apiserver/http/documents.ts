import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServerVersion } from '../../../client/kube-client.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { isMetricsGroup } from '../custom-metrics/metrics-api.ts';
import { ISSUER } from '../auth/service-account-tokens.ts';
import { aggregatedDiscovery, coreVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { answerHealth, type HealthCheck } from './health.ts';
import { parseAccept } from './media-types.ts';
import { isOpenApiProtobuf, OPENAPI_PROTOBUF, openApiProtobuf } from './openapi-protobuf.ts';
import { type CustomSchemas, openApiV2, openApiV3 } from './openapi.ts';
import type { Answer } from './respond.ts';

/** What the documents tell of. */
export interface DocumentSource {
  readonly version: ServerVersion;
  /** `127.0.0.1:6443` */
  address(): string;
  resources(): readonly ResourceType[];
  customSchemas(): CustomSchemas;
  /** What `/healthz`, `/livez` and `/readyz` look at. */
  readonly checks: readonly HealthCheck[];
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  /** The public keys of ServiceAccount tokens, RFC 7517. */
  jwks(): Promise<object>;
}

/** Answers what is no resource: version, health, discovery and OpenAPI. */
export class Documents {
  readonly #source: DocumentSource;
  /** Built documents with what they were built from. */
  readonly #cache = new Map<string, { readonly body: string | Uint8Array; readonly hash: string }>();

  constructor(source: DocumentSource) {
    this.#source = source;
  }

  async answer(path: string, request: IncomingMessage, query: URLSearchParams): Promise<Answer | undefined> {
    const parts = path.split('/').filter((part) => part !== '');
    const [first = '', second, third] = parts;
    switch (first) {
      case 'version':
        return parts.length === 1 ? { code: 200, body: this.#version() } : undefined;
      case 'healthz':
      case 'livez':
      case 'readyz':
        return answerHealth(first, this.#source.checks, parts.slice(1), query);
      case 'metrics':
        if (parts.length > 1) return undefined;
        return {
          code: 200,
          body: await this.#source.metrics(),
          contentType: 'text/plain; version=0.0.4; charset=utf-8',
        };
      case 'api':
      case 'apis':
        return this.#discovery(parts, request);
      case 'openapi':
        if (second === 'v2' && parts.length === 2) return this.#openApi('v2', request);
        if (second !== 'v3') return undefined;
        return third === undefined ? this.#openApiIndex() : this.#openApi(parts.slice(2).join('/'), request);
      case '.well-known':
        return second === 'openid-configuration' && parts.length === 2 ? this.#openIdConfiguration() : undefined;
      case 'openid':
        if (path !== '/openid/v1/jwks') return undefined;
        return {
          code: 200,
          body: JSON.stringify(await this.#source.jwks()),
          contentType: 'application/jwk-set+json',
        };
      case '':
        return { code: 200, body: { paths: this.#paths() } };
      default:
        return undefined;
    }
  }

  #version(): object {
    const { major, minor, gitVersion } = this.#source.version;
    return {
      major,
      minor,
      emulationMajor: major,
      emulationMinor: minor,
      minCompatibilityMajor: major,
      minCompatibilityMinor: String(Number(minor) - 1),
      gitVersion,
      gitCommit: '',
      gitTreeState: 'clean',
      buildDate: '1970-01-01T00:00:00Z',
      goVersion: '',
      compiler: 'pintle',
      platform: 'simulated/virtual',
    };
  }

  #openIdConfiguration(): Answer {
    const body = {
      issuer: ISSUER,
      jwks_uri: `https://${this.#source.address()}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
    return { code: 200, body };
  }

  #discovery(parts: readonly string[], request: IncomingMessage): Answer | undefined {
    const types = this.#source.resources();
    const [root, group, version] = parts;
    if (parts.length === 1) {
      const asked = aggregatedVersion(request.headers.accept);
      if (asked !== undefined) {
        return {
          code: 200,
          body: aggregatedDiscovery(types, root === 'api', asked),
          contentType: `application/json;g=apidiscovery.k8s.io;v=${asked};as=APIGroupDiscoveryList`,
          headers: { Vary: 'Accept' },
        };
      }
      return { code: 200, body: root === 'api' ? coreVersions(this.#source.address()) : groupList(types) };
    }
    const body =
      root === 'api'
        ? resourceList(types, '', group ?? '')
        : version === undefined
          ? groupDocument(types, group ?? '')
          : resourceList(types, group ?? '', version);
    return body === undefined ? undefined : { code: 200, body };
  }

  #groupVersions(): Map<string, ResourceType[]> {
    const out = new Map<string, ResourceType[]>();
    for (const type of this.#source.resources()) {
      const path = type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;
      const list = out.get(path) ?? [];
      list.push(type);
      out.set(path, list);
    }
    return out;
  }

  #paths(): string[] {
    return [
      '/.well-known/openid-configuration',
      '/api',
      '/apis',
      ...[...this.#groupVersions().keys()].map((path) => `/${path}`),
      ...['healthz', 'livez', 'readyz'].flatMap((name) =>
        this.#source.checks
          .filter(({ readyOnly }) => readyOnly !== true || name === 'readyz')
          .map((check) => `/${name}/${check.name}`),
      ),
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      '/openid/v1/jwks',
      '/readyz',
      '/version',
    ].sort();
  }

  #openApiIndex(): Answer {
    const paths: Record<string, object> = {};
    const schemas = this.#source.customSchemas();
    for (const [path, types] of this.#groupVersions()) {
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(types, schemas)}` };
    }
    return { code: 200, body: { paths } };
  }

  #openApi(path: string, request: IncomingMessage): Answer | undefined {
    const served = path === 'v2' ? this.#source.resources() : this.#groupVersions().get(path);
    if (served === undefined) return undefined;
    // Metrics of objects are named after the resource that they belong to; no kind describes them.
    const types = served.filter(({ group }) => !isMetricsGroup(group));
    const schemas = this.#source.customSchemas();
    const hash = hashOf(types, schemas);
    const compact = path === 'v2' && wantsProtobuf(request.headers.accept);
    const key = compact ? 'v2 protobuf' : path;
    let cached = this.#cache.get(key);
    if (cached?.hash !== hash) {
      const document = path === 'v2' ? openApiV2(types, schemas) : openApiV3(types, schemas);
      cached = { hash, body: compact ? openApiProtobuf(document) : JSON.stringify(document) };
      this.#cache.set(key, cached);
    }
    // Clients keep what they got under this name, so each form has its own.
    const headers = { ETag: `"${hash}${compact ? '-P' : ''}"`, Vary: 'Accept' };
    if (request.headers['if-none-match'] === headers.ETag) return { code: 304, body: '', headers };
    return { code: 200, body: cached.body, contentType: compact ? OPENAPI_PROTOBUF : 'application/json', headers };
  }
}

/** kubectl asks for protobuf alone; before 1.22 it reads nothing else. */
function wantsProtobuf(accept: string | undefined): boolean {
  return parseAccept(accept ?? '').some(({ type }) => isOpenApiProtobuf(type));
}

/** Clients keep documents for as long as their hash stays: another number where other documents are made of the same types. */
const FORMAT = 4;

function hashOf(types: readonly ResourceType[], schemas: CustomSchemas): string {
  const hash = createHash('sha256').update(`${FORMAT}${JSON.stringify(types)}`);
  for (const { group, version, kind } of types) {
    const schema = schemas.get(`${group}/${version}/${kind}`);
    if (schema !== undefined) hash.update(JSON.stringify(schema));
  }
  return hash.digest('hex').slice(0, 32).toUpperCase();
}

/** The version of aggregated discovery that a client asks for, or undefined. */
function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (
      type === 'application/json' &&
      parameters.get('as') === 'APIGroupDiscoveryList' &&
      parameters.get('g') === 'apidiscovery.k8s.io'
    ) {
      const version = parameters.get('v');
      if (version === 'v2' || version === 'v2beta1') return version;
    } else if (type === 'application/json') return undefined;
  }
  return undefined;
}
