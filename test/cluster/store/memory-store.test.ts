import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import { storeContract } from '../../contract/store.ts';

storeContract('MemoryStore', { open: () => Promise.resolve(new MemoryStore()) });
