import { PintleError } from '../../base/errors.ts';
import { parseConstraint } from '../../base/semver-constraint.ts';
import { parseStrictVersion, tryParseVersion } from '../../base/semver.ts';
import type { ChartMetadata } from '../../chart/chart.ts';
import { metadataFields } from '../../chart/metadata-text.ts';
import { escapeJsonText } from '../../yaml/json-string.ts';
import { sortVersions } from '../index-file.ts';
import type { RepositoryContext } from '../places.ts';
import { digestOf } from '../sha256.ts';
import { type Descriptor, parseManifest } from './manifest.ts';
import { type OciReference, parseReference, referenceText, tagOf, versionOf } from './reference.ts';
import { INDEX, MANIFEST, type RegistryAccess, RegistryClient } from './registry-client.ts';

const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const OLD_LAYER = 'application/tar+gzip';
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** Fetches a chart, or its provenance, from a registry. helm: pkg/registry/client.go, Pull. @throws PintleError `fetch-failed`, `chart-not-found` */
export async function pullChart(
  context: RepositoryContext,
  reference: OciReference,
  what: 'chart' | 'provenance',
  access: RegistryAccess,
): Promise<Uint8Array> {
  const client = new RegistryClient(context, reference.registry, access);
  const { descriptor, data } = await client.manifest(reference);
  const descriptors = await descriptorsOf(client, reference, descriptor, data);
  if (!descriptors.some(({ mediaType }) => mediaType === CONFIG)) {
    throw noChart(reference, `could not load config with mediatype ${CONFIG}`);
  }
  const wanted = what === 'chart' ? LAYER : PROVENANCE;
  const old = what === 'chart' ? descriptors.find(({ mediaType }) => mediaType === OLD_LAYER) : undefined;
  const found = descriptors.find(({ mediaType }) => mediaType === wanted) ?? old;
  if (found === undefined) throw noChart(reference, `manifest does not contain a layer with mediatype ${wanted}`);
  if (found.mediaType === OLD_LAYER) context.note(`Warning: chart media type ${OLD_LAYER} is deprecated`);
  const content = await client.blob(reference.repository, found);
  tell(context, 'Pulled', reference, descriptor.digest);
  return content;
}

function noChart(reference: OciReference, message: string): PintleError {
  return new PintleError('chart-not-found', message, { hint: `${referenceText(reference)} is no chart` });
}

/** The parts of a manifest; of an index those of all its manifests. */
async function descriptorsOf(
  client: RegistryClient,
  reference: OciReference,
  descriptor: Descriptor,
  data: Uint8Array,
): Promise<Descriptor[]> {
  const { config, layers, manifests } = parseManifest(referenceText(reference), data);
  if (descriptor.mediaType !== INDEX) return [...(config === undefined ? [] : [config]), ...layers];
  const out: Descriptor[] = [];
  for (const child of manifests) {
    if (child.mediaType !== MANIFEST) continue;
    const inner = await client.manifest({ ...reference, tag: '', digest: child.digest });
    out.push(...(await descriptorsOf(client, reference, inner.descriptor, inner.data)));
  }
  return out;
}

function tell(context: RepositoryContext, verb: string, reference: OciReference, digest: string): void {
  const text = referenceText(reference);
  context.note(`${verb}: ${text}`);
  context.note(`Digest: ${digest}`);
  if (!text.includes('_')) return;
  context.note(`${text} contains an underscore.`);
  context.note(
    'Tags of registries know no plus sign (+): versions with one are kept under a tag with an underscore (_) in its place.',
  );
}

/**
 * The reference with the version that is asked for. helm: pkg/registry/client.go, ValidateReference.
 *
 * @param version a version, a constraint or ''
 * @throws PintleError `usage`, `chart-not-found`, `fetch-failed`
 */
export async function resolveOci(
  context: RepositoryContext,
  text: string,
  version: string,
  access: RegistryAccess,
): Promise<OciReference> {
  const reference = parseReference(text);
  const named = versionOf(reference.tag);
  if (version !== '' && reference.tag !== '' && named !== version) {
    throw new PintleError('usage', `chart reference and version mismatch: ${version} is not ${named}`);
  }
  const wanted = version === '' ? named : version;
  if (reference.digest !== '') return await checkTag(context, reference, wanted, access);
  if (tryParseVersion(wanted) !== undefined) return { ...reference, tag: tagOf(wanted) };
  const client = new RegistryClient(context, reference.registry, access);
  const versions = chartVersions(await client.tags(reference.repository));
  if (versions.length === 0) {
    throw new PintleError('chart-not-found', `unable to locate any tags in provided repository: ${text}`);
  }
  return { ...reference, tag: tagOf(matchingVersion(versions, wanted)) };
}

/** A digest and a version must mean the same, if there is a tag for the version. */
async function checkTag(
  context: RepositoryContext,
  reference: OciReference,
  version: string,
  access: RegistryAccess,
): Promise<OciReference> {
  if (version === '') return reference;
  const client = new RegistryClient(context, reference.registry, access);
  let found: string;
  try {
    found = (await client.manifest({ ...reference, tag: tagOf(version), digest: '' })).descriptor.digest;
  } catch (error) {
    // What has a digest needs no tag.
    if (error instanceof PintleError && error.code === 'chart-not-found') return { ...reference, tag: '' };
    throw error;
  }
  if (found === reference.digest) return { ...reference, tag: '' };
  throw new PintleError('chart-not-found', `chart reference digest mismatch: ${found} is not ${reference.digest}`);
}

/** The versions among tags, the newest first. helm: Tags. */
export function chartVersions(tags: readonly string[]): string[] {
  const versions = tags.map(versionOf).filter((tag) => {
    try {
      parseStrictVersion(tag);
      return true;
    } catch {
      return false;
    }
  });
  return sortVersions(versions.map((version) => ({ version }))).map(({ version }) => version);
}

/** helm: GetTagMatchingVersionOrConstraint. @throws PintleError `usage`, `chart-not-found` */
function matchingVersion(versions: readonly string[], wanted: string): string {
  if (versions.includes(wanted)) return wanted;
  let found: string | undefined;
  try {
    const constraint = parseConstraint(wanted === '' ? '*' : wanted);
    found = versions.find((each) => {
      const parsed = tryParseVersion(each);
      return parsed !== undefined && constraint.check(parsed);
    });
  } catch (error) {
    throw new PintleError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (found !== undefined) return found;
  throw new PintleError('chart-not-found', `could not locate a version matching provided version string ${wanted}`, {
    hint: `there is ${versions.slice(0, 5).join(', ')}${versions.length > 5 ? ', …' : ''}`,
  });
}

/** What is pushed. */
export interface PushedChart {
  readonly archive: Uint8Array;
  readonly metadata: ChartMetadata;
  readonly provenance?: Uint8Array | undefined;
  /** When the archive was made, ms since the epoch. */
  readonly created: number;
}

/**
 * Puts a chart into a registry, below the repository that is named. helm: pkg/registry/client.go, Push.
 *
 * @returns the digest of the manifest
 * @throws PintleError `fetch-failed`, `usage`
 */
export async function pushChart(
  context: RepositoryContext,
  remote: string,
  pushed: PushedChart,
  access: RegistryAccess,
): Promise<string> {
  const { metadata, archive, provenance, created } = pushed;
  const reference = parseReference(`${remote.replace(/\/+$/, '')}/${metadata.name}:${metadata.version}`);
  const client = new RegistryClient(context, reference.registry, access);
  const config = Buffer.from(goJson(metadataFields(metadata)));
  const layers = [
    descriptorOf(LAYER, archive),
    ...(provenance === undefined ? [] : [descriptorOf(PROVENANCE, provenance)]),
  ].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const annotations = ociAnnotations(metadata, created);
  const manifest = Buffer.from(goJson({ schemaVersion: 2, config: descriptorOf(CONFIG, config), layers, annotations }));
  for (const data of [config, archive, ...(provenance === undefined ? [] : [provenance])]) {
    await client.pushBlob(reference.repository, data);
  }
  await client.pushManifest(reference.repository, reference.tag, manifest);
  const digest = digestOf(manifest);
  tell(context, 'Pushed', reference, digest);
  return digest;
}

function descriptorOf(mediaType: string, data: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(data), size: data.length };
}

/** JSON as Go writes it: with `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  return escapeJsonText(JSON.stringify(value));
}

const OCI = 'org.opencontainers.image.';

/** helm: generateOCIAnnotations. */
function ociAnnotations(metadata: ChartMetadata, created: number): Record<string, string> {
  const { name, version, description = '', home = '', sources = [], maintainers = [] } = metadata;
  const authors = maintainers
    .map(({ name: who = '', email = '' }) => who + (email === '' ? '' : ` (${email})`))
    .join(', ');
  const own: Record<string, string> = {
    [`${OCI}description`]: description,
    [`${OCI}title`]: name,
    [`${OCI}version`]: version,
    [`${OCI}url`]: home,
    [`${OCI}created`]: new Date(created).toISOString().replace(/\.\d+Z$/, 'Z'),
    [`${OCI}source`]: sources[0] ?? '',
    [`${OCI}authors`]: authors,
  };
  const out: Record<string, string> = {};
  for (const [key, text] of Object.entries(own)) if (text.trim() !== '') out[key] = text;
  for (const [key, text] of Object.entries(metadata.annotations ?? {})) {
    if (key !== `${OCI}title` && key !== `${OCI}version`) out[key] = text;
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
}
