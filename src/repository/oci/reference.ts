import { PintleError } from '../../base/errors.ts';

/** `oci://registry/repository:tag@digest` taken apart. */
export interface OciReference {
  /** `ghcr.io`, `localhost:5000` */
  readonly registry: string;
  readonly repository: string;
  /** With `_` for the `+` of a version; '' if there is none. */
  readonly tag: string;
  /** `sha256:…` or ''. */
  readonly digest: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;
const REGISTRY = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** Reads a reference, with or without `oci://`. helm: pkg/registry/reference.go. @throws PintleError `usage` */
export function parseReference(text: string): OciReference {
  const rest = text.replace(/^oci:\/\//, '');
  const [, name = '', digest = ''] = /^([^@]*)(?:@(.*))?$/s.exec(rest) ?? [];
  const slash = name.indexOf('/');
  if (slash === -1) throw invalid(text, 'missing registry or repository');
  const registry = name.slice(0, slash);
  const path = name.slice(slash + 1);
  const colon = path.lastIndexOf(':');
  const repository = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? '' : tagOf(path.slice(colon + 1));
  if (!REGISTRY.test(registry)) throw invalid(text, `invalid registry ${JSON.stringify(registry)}`);
  if (!REPOSITORY.test(repository)) throw invalid(text, `invalid repository ${JSON.stringify(repository)}`);
  if (colon !== -1 && !TAG.test(tag)) throw invalid(text, `invalid tag ${JSON.stringify(tag)}`);
  if (digest !== '' && !DIGEST.test(digest)) throw invalid(text, `invalid digest ${JSON.stringify(digest)}`);
  return { registry, repository, tag, digest };
}

/** The tag of a version: tags know no `+`. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version that a tag stands for. */
export function versionOf(tag: string): string {
  return tag.replaceAll('_', '+');
}

/** `registry/repository:tag` */
export function referenceText({ registry, repository, tag, digest }: OciReference): string {
  const name = `${registry}/${repository}`;
  return tag === '' ? `${name}@${digest}` : `${name}:${tag}`;
}

function invalid(text: string, fault: string): PintleError {
  return new PintleError('usage', `invalid reference: ${fault}`, {
    hint: `${text} should be of the form oci://REGISTRY/REPOSITORY/CHART`,
  });
}
