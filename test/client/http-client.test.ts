import { HttpKubeClient } from '../../src/client/http/http-kube-client.ts';
import { readKubeconfig } from '../../src/client/http/kubeconfig.ts';
import { NodeTransport } from '../../src/client/http/node-transport.ts';
import { kubeconfigText } from '../../src/client/http/kubeconfig-text.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type ClusterKeys, completeKeys } from '../../src/cluster/serve/cluster-keys.ts';
import { serveCluster } from '../../src/cluster/serve/serve-cluster.ts';
import { testServer } from '../cluster/apiserver/support.ts';
import { wallClock } from '../cluster/http/served.ts';
import { kubeClientContract } from '../contract/kube-client.ts';

let keys: Promise<ClusterKeys> | undefined;

kubeClientContract('the client over HTTP', async () => {
  keys ??= completeKeys({}, Date.now());
  const { server, clock } = await testServer();
  const served = await serveCluster({ apiServer: server, clock, wallClock, logger: silentLogger, keys: await keys });
  const { authority, token } = served.keys;
  const text = kubeconfigText({ name: 'here', server: served.url, authority: authority.certificate, token });
  const access = readKubeconfig([{ path: '/tmp/kubeconfig', text }]);
  const transport = new NodeTransport(access, { env: {}, now: () => Date.now() });
  const client = new HttpKubeClient({ transport, clock: wallClock, description: 'here' });
  return {
    client,
    close: async () => {
      client.close();
      await served.close();
    },
  };
});
