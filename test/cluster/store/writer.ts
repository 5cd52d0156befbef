import { openLmdbStore } from '../../../src/cluster/store/lmdb-store.ts';

// A process of its own that writes until it is killed (`endless`) or until the disk is full (`full`).
const [folder = '', mode = ''] = process.argv.slice(2);
const store = await openLmdbStore(folder);
const filler = 'x'.repeat(mode === 'full' ? 20_000 : 500);

function commit(): void {
  const revision = store.revision + 1;
  const value = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, data: revision, filler };
  const name = `p${revision % 500}`;
  store.commit([
    { type: 'put', bucket: '/pods', namespace: 'a', name, value },
    { type: 'put', bucket: '/twins', namespace: 'a', name, value },
  ]);
}

let durable = store.revision;
try {
  for (;;) {
    for (let i = 0; i < 7; i += 1) commit();
    if (store.revision % 3 === 0) {
      await store.flush();
      durable = store.revision;
    } else await new Promise((resolve) => setImmediate(resolve));
    if (mode === 'endless') process.stdout.write(`${durable}\n`);
  }
} catch (error) {
  process.stdout.write(JSON.stringify({ code: (error as { code?: string }).code, durable }));
  process.exit(0);
}
