import { join } from 'node:path';

export { realTools } from '../../scripts/real-tools.mjs';

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
