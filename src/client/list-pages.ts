import type { KubeList, KubeObject, ResourceType } from '../kube/object.ts';
import { StatusError } from '../kube/status-error.ts';
import type { KubeReader, ListOptions } from './kube-client.ts';

/**
 * Lists in pages. The next page is asked for before the one that has come is given out, so that server and client work at the same
 * time. A server that has forgotten where it was is asked for everything at once; `restart` is called before, for what was given out
 * comes again. client-go: tools/pager.
 */
export async function* listPages<T extends object = KubeObject>(
  client: KubeReader,
  type: ResourceType,
  { pageSize, restart, ...options }: ListOptions & { readonly pageSize: number; readonly restart: () => void },
): AsyncGenerator<readonly T[]> {
  let pending: Promise<KubeList<T>> | undefined = client.list<T>(type, { ...options, limit: pageSize });
  while (pending !== undefined) {
    let page: KubeList<T>;
    try {
      page = await pending;
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 410) throw error;
      restart();
      yield (await client.list<T>(type, options)).items;
      return;
    }
    const token: string = page.metadata?.continue ?? '';
    pending = token === '' ? undefined : client.list<T>(type, { ...options, limit: pageSize, continue: token });
    // It is looked at in the next round, if there is one.
    pending?.catch(() => {});
    yield page.items;
  }
}
