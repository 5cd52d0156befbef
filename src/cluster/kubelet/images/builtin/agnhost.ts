import type { ImageBehaviour } from '../behaviour.ts';
import { MI } from './entry.ts';

/** agnhost: ports and answers follow from its subcommand; what it writes is in process/agnhost.ts. */
export const AGNHOST: ImageBehaviour = {
  size: 50 * MI,
  stopCode: 2,
  program: 'agnhost',
  cases: [
    // It is well for ten seconds.
    {
      if: { args: ['liveness'] },
      ports: [8080],
      changes: [{ afterMillis: 10_000, paths: { '/healthz': 500 } }],
    },
    { if: { args: ['netexec'] }, ports: [8080, 8081] },
    { if: { args: ['serve-hostname'] }, ports: [9376] },
    { if: { args: ['test-webserver'] }, ports: [80] },
    { if: { args: ['guestbook'] }, ports: [3000] },
    { if: { args: ['nettest'] }, ports: [8080] },
    { if: { args: ['grpc-health-checking'] }, ports: [5000, 8080] },
  ],
};
