import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { CurlFlags } from '../run-cluster-curl.ts';

/** `pintle cluster curl` */
export function curlCommand(io: Io): Command {
  return new Command('curl')
    .description('send one request through names, Ingresses, Services and policies, and tell each step')
    .argument('<url>', 'http://web.shop/healthz, https://shop.example.com/, tcp://db:5432')
    .option('--from <pod>', 'the pod that sends it: NAME or NAMESPACE/NAME')
    .option('-f, --fail', 'fail when the answer is 400 or above')
    .option('-o, --output <format>', 'text or json', 'text')
    .action(async (url: string, _: unknown, self: Command) => {
      const { runClusterCurl } = await import('../run-cluster-curl.ts');
      await runClusterCurl(io, url, self.optsWithGlobals<CurlFlags>());
    });
}
