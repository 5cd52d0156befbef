import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import type { AccessOverrides } from '../client/http/override-access.ts';
import { parseGoBoolean } from './go-boolean.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './settings.ts';

/**
 * What the `--kube-…` flags and Helm's variables for them say about the API server; undefined when they say nothing.
 *
 * @throws PintleError `usage` for numbers that are none, `target` for an authority that is not there
 */
export function accessOverrides(io: Io, options: GlobalOptions): AccessOverrides | undefined {
  checkNumbers(options);
  const { env } = io;
  const text = (flag: string | undefined, variable: string): string | undefined => {
    const value = flag ?? env[variable] ?? '';
    return value === '' ? undefined : value;
  };
  const groups = options.kubeAsGroup ?? listed(env['HELM_KUBEASGROUPS']);
  const insecure =
    options.kubeInsecureSkipTlsVerify ?? parseGoBoolean(env['HELM_KUBEINSECURE_SKIP_TLS_VERIFY'] ?? '') ?? false;
  const overrides: AccessOverrides = {
    server: text(options.kubeApiserver, 'HELM_KUBEAPISERVER'),
    token: text(options.kubeToken, 'HELM_KUBETOKEN'),
    authorityFile: authority(io, text(options.kubeCaFile, 'HELM_KUBECAFILE')),
    tlsServerName: text(options.kubeTlsServerName, 'HELM_KUBETLS_SERVER_NAME'),
    user: text(options.kubeAsUser, 'HELM_KUBEASUSER'),
    ...(insecure ? { insecureSkipTlsVerify: true } : {}),
    groups,
  };
  const isSilent =
    groups.length === 0 && Object.values(overrides).every((each) => each === undefined || each === groups);
  return isSilent ? undefined : overrides;
}

function listed(text: string | undefined): string[] {
  const trimmed = (text ?? '').replaceAll(/^[, ]+|[, ]+$/g, '');
  return trimmed === '' ? [] : trimmed.split(',');
}

function authority(io: Io, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const file = resolve(io.cwd, path);
  if (existsSync(file)) return file;
  throw new PintleError(
    'target',
    `kubernetes cluster unreachable: invalid configuration: unable to read certificate-authority ${path}: open ${path}: no such file or directory`,
  );
}

/** Requests are not throttled here; what is no number is refused all the same. */
function checkNumbers({ burstLimit, qps }: GlobalOptions): void {
  const refuse = (flag: string, text: string, parser: string): never => {
    throw new PintleError(
      'usage',
      `invalid argument "${text}" for "--${flag}" flag: strconv.${parser}: parsing "${text}": invalid syntax`,
    );
  };
  if (burstLimit !== undefined && !/^[-+]?\d+$/.test(burstLimit)) refuse('burst-limit', burstLimit, 'ParseInt');
  if (qps !== undefined && !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(qps)) refuse('qps', qps, 'ParseFloat');
}
