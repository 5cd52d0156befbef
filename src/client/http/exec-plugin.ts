import { execFile } from 'node:child_process';
import { PintleError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import type { ExecConfig } from './kubeconfig.ts';

/** What a plugin is told. */
export interface PluginSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told to plugins that want to know. */
  readonly cluster: {
    readonly server: string;
    readonly tlsServerName: string | undefined;
    readonly insecureSkipTlsVerify: boolean;
    /** PEM */
    readonly certificateAuthority: string | undefined;
    readonly proxyUrl: string | undefined;
  };
}

/** What a plugin gives. */
export interface PluginCredentials {
  readonly token: string | undefined;
  /** PEM */
  readonly certificate: string | undefined;
  /** PEM */
  readonly key: string | undefined;
  /** ms since the epoch; undefined: good until the server refuses them. */
  readonly expires: number | undefined;
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/**
 * Asks an external program for credentials. client-go: plugin/pkg/client/auth/exec
 *
 * @throws PintleError `target`
 */
export async function runExecPlugin(exec: ExecConfig, surroundings: PluginSurroundings): Promise<PluginCredentials> {
  if (!VERSIONS.includes(exec.apiVersion)) {
    throw pluginError(exec, `invalid apiVersion ${JSON.stringify(exec.apiVersion)}`, {
      hint: `use ${VERSIONS.join(' or ')}`,
    });
  }
  const output = await run(exec, surroundings);
  const answer = parse(exec, output);
  if (answer['kind'] !== 'ExecCredential' || answer['apiVersion'] !== exec.apiVersion) {
    const got = `${String(answer['apiVersion'])} ${String(answer['kind'])}`;
    throw pluginError(exec, `it gave ${got}, not ${exec.apiVersion} ExecCredential`);
  }
  const { status } = answer;
  if (!isObject(status)) throw pluginError(exec, 'it gave no status');
  const [token, certificate, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) =>
    textOf(status[name]),
  );
  if (token === undefined && certificate === undefined && key === undefined) {
    throw pluginError(exec, 'it gave neither a token nor a certificate');
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw pluginError(exec, 'it gave only one of certificate and key');
  }
  const expires = textOf(status['expirationTimestamp']);
  return { token, certificate, key, expires: expires === undefined ? undefined : instantOf(exec, expires) };
}

function run(exec: ExecConfig, { env, cluster }: PluginSurroundings): Promise<string> {
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const all = {
    ...env,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
    ...Object.fromEntries(exec.env.map(({ name, value }) => [name, value])),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(exec.command, [...exec.args], { env: all, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failed(exec, error, stderr));
    });
    // Nobody is there to answer questions.
    child.stdin?.end();
  });
}

function failed(exec: ExecConfig, error: Error, stderr: string): PintleError {
  if ('code' in error && error.code === 'ENOENT') {
    return pluginError(exec, 'the program was not found', {
      cause: error,
      hint: exec.installHint === '' ? 'install it, or see that it is in PATH' : exec.installHint,
    });
  }
  const code = 'code' in error && typeof error.code === 'number' ? `it ended with code ${error.code}` : error.message;
  const said = stderr.trim();
  return pluginError(exec, said === '' ? code : `${code}: ${said}`, {
    cause: error,
    ...(exec.installHint === '' ? {} : { hint: exec.installHint }),
  });
}

function clusterInfo({
  server,
  tlsServerName,
  insecureSkipTlsVerify,
  certificateAuthority,
  proxyUrl,
}: PluginSurroundings['cluster']): object {
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(certificateAuthority === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  };
}

function parse(exec: ExecConfig, output: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(output) as unknown;
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw pluginError(exec, 'what it wrote is no JSON object');
}

function instantOf(exec: ExecConfig, text: string): number {
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw pluginError(exec, `expirationTimestamp ${JSON.stringify(text)} is no time`);
  return instant;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function pluginError(
  exec: ExecConfig,
  message: string,
  details: { readonly hint?: string; readonly cause?: Error } = {},
): PintleError {
  return new PintleError('target', `getting credentials: exec: ${exec.command}: ${message}`, details);
}
