import { defineConfig } from 'vitest/config';

/** Tests that start programs or servers, or move to another folder: each file has a process of its own. */
const APART = ['binary', 'browser', 'cli', 'interchange', 'repository', 'simulation'].map(
  (name) => `test/${name}/**/*.test.ts`,
);

const common = {
  testTimeout: 180_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 60_000 } },
  pool: 'forks',
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      { test: { ...common, name: 'apart', include: APART } },
      // Loading the code once for all of them is most of what their files would cost otherwise.
      { test: { ...common, name: 'together', include: ['test/**/*.test.ts'], exclude: APART, isolate: false } },
    ],
  },
});
