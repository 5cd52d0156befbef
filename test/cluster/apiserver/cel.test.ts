import { describe, expect, it } from 'vitest';
import { CelBudget, CelFailure, type CelLibrary, loadCel } from '../../../src/cluster/apiserver/cel/cel-library.ts';
import { celValue } from '../../../src/cluster/apiserver/cel/cel-values.ts';
import { CelAuthorizer } from '../../../src/cluster/apiserver/cel/libraries/authorizer.ts';

const VARIABLES = { object: 'dyn', authorizer: 'kubernetes.authorization.Authorizer' };
const OBJECT = celValue({
  spec: { replicas: 5, ratio: 1.5, list: [1, 2], map: { 'a-b': 'x' }, name: 'abc', nothing: null, cpu: '500m' },
  metadata: { name: 'web' },
});

let library: CelLibrary | undefined;

async function run(expression: string, steps = 10_000_000, object: unknown = OBJECT): Promise<unknown> {
  library ??= await loadCel();
  const authorizer = new CelAuthorizer(
    { name: 'ann', groups: [] },
    (user, { verb, resource }) => ({
      allowed: user.name === 'ann' && verb === 'get',
      reason: resource?.resource ?? '',
    }),
    { group: '', resource: 'pods', subresource: '', namespace: 'default', name: 'web' },
  );
  return library.compile(expression, VARIABLES).run({ object, authorizer }, new CelBudget(steps));
}

async function failure(expression: string, steps?: number, object?: unknown): Promise<CelFailure> {
  try {
    await run(expression, steps, object);
  } catch (error) {
    if (error instanceof CelFailure) return error;
    throw error;
  }
  throw new Error(`${expression} did not fail`);
}

describe('expressions', () => {
  it.each([
    'object.spec.replicas > 3 && object.spec.replicas + 1 == 6',
    'object.spec.ratio == 1.5 && object.spec.replicas > 4.5',
    '!has(object.spec.foo) && object.spec.nothing == null',
    'object.spec.?foo.orValue(3) == 3',
    'object.spec.map["a-b"] == "x"',
    'object.spec.list.all(i, v, v > i) && object.spec.list.exists(i, v, v == 2 && i == 1)',
    'object.spec.list.existsOne(i, v, v == 2)',
    'object.spec.list.transformList(i, v, v * 2) == [2, 4]',
    'object.spec.list.transformList(i, v, v > 1, v) == [2]',
    'object.spec.map.transformMap(k, v, v + "y") == {"a-b": "xy"}',
    'object.spec.list.map(x, x * 2).sum() == 6',
    '[1, 2, 3].isSorted() && ![2, 1].isSorted()',
    '[3, 1].max() == 3 && [3, 1].min() == 1',
    '[1, 2, 1].lastIndexOf(1) == 2 && ["a"].indexOf("b") == -1',
    '[1, [2]].flatten() == [1, 2] && [1, 1].distinct() == [1] && [2, 1].sort() == [1, 2]',
    'sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])',
    '"abc".charAt(1) == "b" && "abca".replace("a", "z") == "zbcz" && "aaa".replace("a", "b", 2) == "bba"',
    '"%s is %d, %.1f %s".format(["x", 3, 1.25, [1, "a"]]) == "x is 3, 1.3 [1, a]"',
    '"abc 123".find("[0-9]+") == "123" && "a1b2".findAll("[0-9]") == ["1", "2"]',
    'quantity(object.spec.cpu).isLessThan(quantity("1")) && quantity("50k").add(20) == quantity("50020")',
    'quantity("50k").asInteger() == 50000 && !isQuantity("200K") && quantity("50M").compareTo(quantity("50Mi")) == -1',
    'isIP("10.0.0.1") && !isIP("::ffff:1.2.3.4") && ip("::1").isLoopback() && ip("10.0.0.1").family() == 4',
    'cidr("10.0.0.0/8").containsIP("10.1.2.3") && cidr("10.0.0.0/8").prefixLength() == 8',
    '!cidr("10.1.0.0/16").containsCIDR("10.0.0.0/8") && ip.isCanonical("2001:db8::abcd")',
    'url("https://a.example:80/p?x=1").getHost() == "a.example:80" && url("/p").getScheme() == "" && !isURL("../p")',
    'url("https://a/p?k=1&k=2").getQuery() == {"k": ["1", "2"]}',
    'semver("1.2.3").isLessThan(semver("1.3.0")) && !isSemver("v1.0") && semver("v1.0", true).major() == 1',
    'format.dns1123Label().validate("Web").hasValue() && !format.named("nothing").hasValue()',
    '!format.uuid().validate("123e4567-e89b-12d3-a456-426614174000").hasValue()',
    'authorizer.requestResource.check("get").allowed() && !authorizer.group("").resource("pods").check("list").allowed()',
    'authorizer.serviceAccount("default", "bot").group("apps").resource("deployments").check("get").reason() == "deployments"',
    'cel.bind(n, object.spec.list.size(), n + n) == 4',
  ])('are true: %s', async (expression) => {
    expect(await run(expression)).toBe(true);
  });

  it.each([
    ['object.nope', 'no such key: nope'],
    ['object.spec.list[7]', 'index out of bounds: 7'],
    ['object.spec.name > 3', 'no such overload'],
    ['object.spec.replicas / 0', 'division by zero'],
    ['authorizer.path("").check("get").allowed()', 'path must not be empty'],
    ['quantity("Three")', 'quantities must match the regular expression'],
  ])('fail: %s', async (expression, message) => {
    expect((await failure(expression)).message).toContain(message);
  });

  it.each([
    [
      'undefined_one == 1',
      "1:1: undeclared reference to 'undefined_one' (in container '')\n | undefined_one == 1\n | ^",
    ],
    ['"a" + 1', "1:1: found no matching overload for '_+_' applied to '(string, int)'\n | \"a\" + 1\n | ^"],
    ['object.spec +', '1:14: Syntax error: unexpected token: EOF\n | object.spec +\n | .............^'],
  ])('cannot be compiled: %s', async (expression, message) => {
    expect((await failure(expression)).message).toBe(`compilation failed: ERROR: <input>:${message}`);
  });

  it('end when they take too many steps', async () => {
    const numbers = Array.from({ length: 1500 }, (_, i) => BigInt(i));
    const square = 'object.all(x, object.all(y, x + y >= 0))';
    expect(await failure(square, undefined, numbers)).toMatchObject({
      message: 'operation cancelled: actual cost limit exceeded',
      reason: 'call-budget',
    });
    expect((await failure('object.map(x, x + 1).size() > 0', 100, numbers)).reason).toBe('budget');
  });
});
