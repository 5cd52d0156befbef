import { PintleError } from '../base/errors.ts';
import type { Release, ReleaseHook } from '../release/release.ts';
import type { ActionContext } from './context.ts';
import { failure } from './failure.ts';
import { getRelease } from './get-release.ts';
import { Operation } from './operation.ts';
import { checkReleaseName } from './release-name.ts';

export interface TestOptions {
  readonly name: string;
  /** ms */
  readonly timeout: number;
  /** `name=x` or `!name=x`. */
  readonly filters: readonly string[];
  /** Collect what the test pods print. */
  readonly logs: boolean;
}

/** How the tests went. */
export interface TestResult {
  readonly release: Release;
  readonly logs: readonly { readonly pod: string; readonly text: string }[];
  readonly failure?: PintleError;
}

/** Runs a release's test hooks. Helm: pkg/action/release_testing.go. */
export async function testRelease(context: ActionContext, options: TestOptions): Promise<TestResult> {
  checkReleaseName(options.name, 'releaseTest: Release name is invalid');
  const release = await getRelease(context, options.name, 0);
  const hooks = release.hooks ?? [];
  const wanted = hooks.filter((hook) => selected(hook.name, options.filters));
  const skipped = hooks.filter((hook) => !wanted.includes(hook));
  const operation = new Operation(
    context,
    // All of them: the record loses none when the client dies while they run.
    { ...release, hooks: [...skipped, ...wanted] },
    {
      timeout: options.timeout,
      wait: true,
      waitForJobs: false,
      noHooks: false,
      serverSide: 'true',
      forceConflicts: false,
      forceReplace: false,
    },
  );
  // Tests take their time and no lease: what becomes of the revision meanwhile is not theirs to undo.
  const save = async ({ name, version, hooks: tested = [] }: Release): Promise<void> => {
    await context.store.update({ ...(await context.store.get(name, version)), hooks: tested });
  };
  let fault: PintleError | undefined;
  try {
    const isWanted = (hook: ReleaseHook): boolean => wanted.includes(hook);
    await operation.hooks('test', release.apply_method === 'ssa', { isWanted, save });
  } catch (error) {
    fault = failure(error);
  }
  const done = operation.release;
  try {
    await save(done);
  } catch (error) {
    // What the tests came to counts more.
    if (fault === undefined) throw error;
    context.logger.log('warn', `how the tests went could not be kept: ${failure(error).message}`);
  }
  const logs: { pod: string; text: string }[] = [];
  if (options.logs) {
    const tests = wanted.filter((each) => each.events.includes('test'));
    for (const hook of tests.toSorted((a, b) => (a.weight ?? 0) - (b.weight ?? 0))) {
      try {
        logs.push({
          pod: hook.name,
          text: await context.client.logs({ namespace: release.namespace, name: hook.name }),
        });
      } catch (error) {
        const message = `unable to get pod logs for ${hook.name}: ${failure(error).message}`;
        fault ??= new PintleError('api-error', message, { cause: error });
        break;
      }
    }
  }
  return { release: done, logs, ...(fault === undefined ? {} : { failure: fault }) };
}

function selected(name: string, filters: readonly string[]): boolean {
  const included = filters.filter((filter) => filter.startsWith('name=')).map((filter) => filter.slice('name='.length));
  const excluded = filters.filter((filter) => NOT_NAME.test(filter)).map((filter) => filter.replace(NOT_NAME, ''));
  if (excluded.includes(name)) return false;
  return included.length === 0 || included.includes(name);
}

const NOT_NAME = /^!\s?name=/;
