import * as fc from 'fast-check';

// The same cases in each run, so that a failure is one of the change at hand; FC_SEED tries others.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) });

export { fc };
