import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, posix } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { shownUrl } from '../base/shown-url.ts';
import { readOptional, writeWhole } from '../chart/files.ts';
import { type Access, getFile } from './get-file.ts';
import { findVersion } from './index-file.ts';
import { pullChart, resolveOci } from './oci/chart-artifact.ts';
import { type OciReference, referenceText, versionOf } from './oci/reference.ts';
import type { RegistryAccess } from './oci/registry-client.ts';
import type { RepositoryContext } from './places.ts';
import { type Verification, verifyArchive } from './provenance.ts';
import { cachedIndex, cachedIndexText, findInRepository, listRepositories, parseCachedIndex } from './repositories.ts';
import { accessOf } from './repositories-file.ts';
import { sha256 } from './sha256.ts';
import { isOci, parsed, resolveReference, sameOrigin, sameUrl } from './urls.ts';

/** Which chart, and how it is got. */
export interface ChartRequest {
  /** `repo/chart`, an address, `oci://…`, or with `repo` the name of a chart. */
  readonly reference: string;
  /** A version or a constraint; '' for the newest. */
  readonly version: string;
  /** The address of a repository that has no name. */
  readonly repo?: string | undefined;
  readonly access: Access;
  readonly plainHttp?: boolean | undefined;
}

/** An archive that was fetched. */
export interface FetchedChart {
  readonly archive: Uint8Array;
  /** The file name that the archive has where it comes from. */
  readonly name: string;
  /** Fetches the provenance file. @throws PintleError `fetch-failed` */
  provenance(): Promise<Uint8Array>;
}

/** An archive that is known by its address. */
export interface LocatedArchive {
  readonly url: string;
  /** SHA-256 in hex, maybe behind `sha256:`, or ''. */
  readonly digest: string;
  /** The address that the credentials are for. */
  readonly base: string;
  readonly access: Access;
}

const ACCEPT = 'application/gzip,application/octet-stream';

/**
 * Fetches a chart, or takes it from the cache when the index tells its sum. helm: pkg/downloader/chart_downloader.go.
 *
 * @throws PintleError `chart-not-found`, `fetch-failed`, `repository-index`, `verification-failed`, `usage`
 */
export async function fetchChart(context: RepositoryContext, request: ChartRequest): Promise<FetchedChart> {
  if (request.repo === undefined && isOci(request.reference)) return await fetchOci(context, request);
  return await fetchLocated(context, await find(context, request), request);
}

/**
 * Fetches an archive that an index has told of, or takes it from the cache when the index tells its sum.
 *
 * @param registry how registries are talked to, which indexes may lead to
 * @throws PintleError `fetch-failed`, `verification-failed`, `usage`
 */
export async function fetchLocated(
  context: RepositoryContext,
  found: LocatedArchive,
  registry: Pick<ChartRequest, 'access' | 'plainHttp'>,
): Promise<FetchedChart> {
  if (isOci(found.url)) return await fetchOci(context, { ...registry, reference: found.url, version: '' });
  const options = { ...found.access, base: found.base };
  const get = async (url: string): Promise<Uint8Array> =>
    await getFile(context.http, url, { ...options, accept: ACCEPT });
  const archive = cached(context, found.digest) ?? (await get(found.url));
  checkSum(found, archive);
  return {
    archive,
    name: posix.basename(parsed(found.url).path),
    provenance: async () => await fetchProvenance(`${found.url}.prov`, () => get(`${found.url}.prov`)),
  };
}

async function fetchOci(context: RepositoryContext, request: ChartRequest): Promise<FetchedChart> {
  const access: RegistryAccess = registryAccess(request);
  const reference = await resolveOci(context, request.reference, request.version, access);
  return {
    archive: await pullChart(context, reference, 'chart', access),
    name: archiveNameOf(reference),
    provenance: async () =>
      await fetchProvenance(`oci://${referenceText(reference)}.prov`, () =>
        pullChart(context, reference, 'provenance', access),
      ),
  };
}

/** How a registry is talked to for a request. */
export function registryAccess({ access, plainHttp }: Pick<ChartRequest, 'access' | 'plainHttp'>): RegistryAccess {
  const { username = '', password = '', tls } = access;
  return { tls, plainHttp, ...(username === '' || password === '' ? {} : { credential: { username, password } }) };
}

function archiveNameOf({ repository, tag, digest }: OciReference): string {
  const name = posix.basename(repository);
  return tag === '' ? `${name}@${digest.replace(':', '-')}.tgz` : `${name}-${versionOf(tag)}.tgz`;
}

async function fetchProvenance(url: string, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await fetch();
  } catch (error) {
    throw new PintleError('verification-failed', `failed to fetch provenance ${goQuote(shownUrl(url))}`, {
      hint: 'the chart may not be signed; without --verify it can be used all the same',
      cause: error,
    });
  }
}

/** Where the archive lies. helm: ResolveChartVersion. */
async function find(context: RepositoryContext, request: ChartRequest): Promise<LocatedArchive> {
  const { reference, version, repo, access } = request;
  if (repo !== undefined) {
    const { url, digest } = await findInRepository(context, repo, reference, version, access);
    const trusted = access.passCredentials === true || sameOrigin(repo, url);
    const plain = { ...access, username: undefined, password: undefined };
    return { url, digest, base: url, access: trusted ? access : plain };
  }
  if (/^https?:\/\/[^/]+\/./.test(reference)) {
    return { url: reference, digest: '', ...ownerOf(context, reference, access) };
  }
  return findByName(context, reference, version, access);
}

/** The repository whose index has an address knows how to reach it. */
function ownerOf(context: RepositoryContext, url: string, access: Access): Pick<LocatedArchive, 'base' | 'access'> {
  const { host } = parsed(url);
  for (const entry of listRepositories(context)) {
    const text = cachedIndexText(context, entry.name);
    // Large indexes take long to read.
    if (isPlainHost(host) && !text.includes(host)) continue;
    for (const versions of parseCachedIndex(context, entry.name, text).entries.values()) {
      if (versions.some(({ urls }) => urls.some((each) => sameUrl(each, url)))) {
        return { base: entry.url, access: withDefaults(accessOf(entry), access) };
      }
    }
  }
  return { base: url, access };
}

/** Hosts of other kinds may be written in several ways. */
function isPlainHost(host: string): boolean {
  return /^[\w.:-]+$/.test(host);
}

function findByName(context: RepositoryContext, reference: string, version: string, access: Access): LocatedArchive {
  const slash = reference.indexOf('/');
  if (slash === -1 || reference.includes('://')) {
    throw new PintleError(
      'chart-not-found',
      reference.includes('://')
        ? `could not find protocol handler for: ${reference.slice(0, reference.indexOf(':'))}`
        : `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`,
      { hint: `there is no file or folder of this name; for one write ./${reference}, or another path` },
    );
  }
  const [repository, chart] = [reference.slice(0, slash), reference.slice(slash + 1)];
  const entry = listRepositories(context).find(({ name }) => name === repository);
  if (entry === undefined) {
    throw new PintleError('chart-not-found', `repo ${repository} not found`, {
      hint: `"pintle repo add ${repository} URL" adds one; there is no file or folder ${reference} either`,
    });
  }
  if (entry.url === '') throw new PintleError('chart-not-found', `no URL found for repository ${repository}`);
  const index = cachedIndex(context, repository);
  const found = findVersion(index, chart, version, (message) => context.note(`Warning: ${message}`));
  const stale = `(try 'pintle repo update')`;
  if (typeof found === 'string') {
    throw new PintleError(
      'chart-not-found',
      `chart ${goQuote(chart)} matching ${version} not found in ${repository} index. ${stale}: ${found}`,
    );
  }
  const [address] = found.urls;
  if (address === undefined) {
    throw new PintleError('chart-not-found', `chart ${goQuote(reference)} has no downloadable URLs`);
  }
  return {
    url: resolveReference(entry.url, address),
    digest: found.digest ?? '',
    base: entry.url,
    access: withDefaults(accessOf(entry), access),
  };
}

/** What flags say goes before what the repository was added with only where that says nothing. */
function withDefaults(own: Access, flags: Access): Access {
  const hasLogin = (own.username ?? '') !== '' && (own.password ?? '') !== '';
  const tls = own.tls ?? {};
  const hasTls = (tls.certFile ?? '') !== '' || (tls.keyFile ?? '') !== '' || (tls.caFile ?? '') !== '';
  return {
    ...flags,
    ...(hasLogin ? { username: own.username, password: own.password, passCredentials: own.passCredentials } : {}),
    tls: {
      ...(hasTls ? tls : flags.tls),
      insecure: tls.insecure === true || flags.tls?.insecure === true,
    },
  };
}

/** An archive is what the index says, or it is refused. */
function checkSum({ url, digest }: LocatedArchive, archive: Uint8Array): void {
  const wanted = hexOf(digest);
  if (wanted === '' || wanted === sha256(archive)) return;
  const message = `${shownUrl(url)}: the archive does not have the digest of the index, ${digest}`;
  throw new PintleError('verification-failed', message, {
    hint: 'the index may be out of date: "pintle repo update" fetches it; else the archive was changed on its way',
  });
}

function cached({ paths }: RepositoryContext, digest: string): Uint8Array | undefined {
  const sum = hexOf(digest);
  if (!/^[0-9a-f]{64}$/.test(sum)) return undefined;
  const bytes = readOptional(contentPath(paths.content, sum, 'chart'));
  return bytes === undefined || bytes.length === 0 || sha256(bytes) !== sum ? undefined : bytes;
}

function hexOf(digest: string): string {
  return digest.replace(/^[^:]*:/, '').toLowerCase();
}

function contentPath(folder: string, sum: string, kind: 'chart' | 'prov'): string {
  return join(folder, sum.slice(0, 2), `${sum}.${kind}`);
}

/** How archives are checked. */
export interface VerifyOptions {
  /** The file with the keys. */
  readonly keyring: string;
}

/**
 * The path of a chart: of what is on disk itself, else of its archive in the cache. helm: LocateChart.
 *
 * @param cwd what paths are relative to
 * @throws PintleError as {@link fetchChart}; `chart-not-found`
 */
export async function locateChart(
  context: RepositoryContext,
  cwd: string,
  request: ChartRequest,
  verify: VerifyOptions | undefined,
): Promise<string> {
  const { reference } = request;
  if (request.repo === undefined) {
    const path = isAbsolute(reference) ? reference : join(cwd, reference);
    if (existsSync(path)) {
      if (verify !== undefined) await verifyFile(path, path, verify);
      return reference;
    }
    if (isAbsolute(reference) || reference.startsWith('.')) {
      throw new PintleError('chart-not-found', `path ${goQuote(reference)} not found`, {
        hint: 'name a folder with a Chart.yaml, or a .tgz archive',
      });
    }
  }
  const fetched = await fetchChart(context, request);
  const sum = sha256(fetched.archive);
  const path = contentPath(context.paths.content, sum, 'chart');
  if (cached(context, sum) === undefined) writeWhole(path, fetched.archive);
  if (verify !== undefined) await verifyFetched(context, fetched, sum, verify);
  return path;
}

/** What the cache holds is as good as what would be fetched, or it is fetched; what is good is kept. */
async function verifyFetched(
  { paths }: RepositoryContext,
  fetched: FetchedChart,
  sum: string,
  { keyring }: VerifyOptions,
): Promise<void> {
  const path = contentPath(paths.content, sum, 'prov');
  const check = async (text: Uint8Array): Promise<unknown> =>
    await verifyArchive(fetched.archive, text, fetched.name, readKeyring(keyring));
  const kept = readOptional(path);
  let fault: unknown;
  try {
    if (kept !== undefined) {
      await check(kept);
      return;
    }
  } catch (error) {
    fault = error;
  }
  const text = await fetched.provenance().catch((error: unknown) => {
    throw fault ?? error;
  });
  await check(text);
  writeWhole(path, text);
}

/**
 * Checks an archive against the provenance file beside it. helm: VerifyChart.
 *
 * @param shown what the archive is called in messages
 * @throws PintleError `verification-failed`
 */
export async function verifyFile(path: string, shown: string, { keyring }: VerifyOptions): Promise<Verification> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw unverified(`stat ${shown}: no such file or directory`);
  if (stats.isDirectory())
    throw unverified('unpacked charts cannot be verified', 'signatures are made for archives: "pintle package --sign"');
  if (!path.toLowerCase().endsWith('.tgz')) throw unverified('chart must be a tgz file');
  const text = readOptional(`${path}.prov`);
  if (text === undefined) {
    throw unverified(`could not load provenance file ${shown}.prov: stat ${shown}.prov: no such file or directory`);
  }
  return await verifyArchive(readFileSync(path), text, posix.basename(path), readKeyring(keyring));
}

/** @throws PintleError `verification-failed` */
export function readKeyring(path: string): Uint8Array {
  const bytes = readOptional(path);
  if (bytes !== undefined) return bytes;
  throw new PintleError('verification-failed', `failed to load keyring: open ${path}: no such file or directory`, {
    hint: 'name it with --keyring; "gpg --export > pubring.gpg" writes one',
  });
}

function unverified(message: string, hint?: string): PintleError {
  return new PintleError('verification-failed', message, hint === undefined ? {} : { hint });
}
