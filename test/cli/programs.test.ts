import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const { programFor } = createRequire(import.meta.url)('../../bin/programs.js') as {
  readonly programFor: (args: readonly string[], env: Readonly<Record<string, string>>) => string;
};

test.each<[string, Record<string, string>, string]>([
  ['template x ./x', {}, 'pintle-render'],
  ['template x ./x --validate', {}, 'pintle'],
  ['show chart ./x', { KUBECONFIG: 'k' }, 'pintle-render'],
  ['list', {}, 'pintle'],
  ['list', { KUBECONFIG: '' }, 'pintle'],
  ['list', { KUBECONFIG: '/dev/null' }, 'pintle'],
  ['list', { KUBECONFIG: 'k' }, 'pintle-releases'],
  ['list --embedded', { KUBECONFIG: 'k' }, 'pintle'],
  ['list --kubeconfig k', {}, 'pintle-releases'],
  ['list --kubeconfig=k', {}, 'pintle-releases'],
  ['upgrade x ./x --kube-context c', {}, 'pintle-releases'],
  ['list --kube-apiserver https://x', {}, 'pintle'],
  ['cluster start', { KUBECONFIG: 'k' }, 'pintle'],
  ['diff release x', { KUBECONFIG: 'k' }, 'pintle'],
  ['--debug list', { KUBECONFIG: 'k' }, 'pintle'],
  ['', { KUBECONFIG: 'k' }, 'pintle'],
])('%s with %o is run by %s', (line, env, program) => {
  expect(programFor(line.split(' ').filter(Boolean), env)).toBe(program);
});
