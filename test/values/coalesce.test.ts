import { describe, expect, it } from 'vitest';
import type { Chart, ChartMetadata } from '../../src/chart/chart.ts';
import { coalesceForRender } from '../../src/values/coalesce-for-render.ts';
import { coalesceTables, mergeTables } from '../../src/values/coalesce-tables.ts';
import { coalesceValues } from '../../src/values/coalesce-values.ts';
import { goBoolText, goText } from '../../src/values/go-text.ts';

type Table = Record<string, unknown>;

function chart(
  name: string,
  values: Table = {},
  more: Partial<Omit<Chart, 'metadata'>> & Partial<ChartMetadata> = {},
): Chart {
  const { subcharts = [], schema, ...metadata } = more;
  return {
    metadata: { apiVersion: 'v2', version: '1.0.0', ...metadata, name },
    values,
    ...(schema === undefined ? {} : { schema }),
    templates: [],
    files: [],
    raw: [],
    subcharts,
  };
}

/** Everything frozen, so that a change of an argument fails. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
    Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

describe('coalesceTables', () => {
  it('keeps what is over, fills up, and takes away what is null', () => {
    const over = frozen({ a: 1, m: { x: null, y: 2 }, n: null, only: null });
    const base = frozen({ a: 2, b: 3, m: { x: 1, z: 3 }, n: 4 });
    expect(coalesceTables(over, base)).toEqual({ a: 1, b: 3, m: { y: 2, z: 3 }, only: null });
    expect(mergeTables(over, base)).toEqual({ a: 1, b: 3, m: { x: null, y: 2, z: 3 }, n: null, only: null });
  });

  it('knows keys that objects inherit', () => {
    const over = JSON.parse('{"__proto__": {"a": 1}}') as Table;
    const out = coalesceTables(over, { constructor: 2 });
    expect(Object.keys(out).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(out)).toBeNull();
  });
});

describe('coalesceValues', () => {
  const tree = frozen(
    chart(
      'web',
      { a: 1, db: { size: 2, off: null }, global: { g: { x: 1 }, h: 1 } },
      {
        subcharts: [chart('db', { size: 1, off: true, port: 5 }, { subcharts: [chart('disk', { kind: 'ssd' })] })],
      },
    ),
  );

  it('lays the user over the parent over the subchart, and globals over all', () => {
    expect(coalesceValues(tree, frozen({ a: null, global: { g: { y: 2 } } })).values).toEqual({
      db: {
        size: 2,
        port: 5,
        global: { g: { x: 1, y: 2 }, h: 1 },
        disk: { kind: 'ssd', global: { g: { x: 1, y: 2 }, h: 1 } },
      },
      global: { g: { x: 1, y: 2 }, h: 1 },
    });
  });

  it("warns with Helm's texts, once each", () => {
    const { warnings } = coalesceValues(tree, { db: { global: 5 }, global: { g: 1 } });
    expect(warnings).toEqual([
      { level: 'info', message: 'warning: cannot overwrite table with non table for web.global.g (map[x:1])' },
      { level: 'info', message: 'warning: skipping globals because destination global is not a table.' },
      { level: 'info', message: 'warning: skipping globals because source global is not a table.' },
    ]);
  });

  it('refuses what is no map for a subchart', () => {
    expect(() => coalesceValues(tree, { db: 5 })).toThrow(
      expect.objectContaining({ code: 'values-invalid', message: 'type mismatch on db: %!t(float64=5)' }),
    );
  });
});

describe('coalesceForRender', () => {
  const subcharts = [chart('db', { exports: { data: { port: 1 } } }), chart('cache')];

  it('leaves the chart as it is and gives a new one', async () => {
    const root = frozen(
      chart(
        'web',
        { cache: { enabled: false } },
        {
          subcharts,
          dependencies: [
            { name: 'db', version: '*', alias: 'store', 'import-values': ['data'] },
            { name: 'cache', version: '*', condition: 'cache.enabled' },
          ],
        },
      ),
    );
    const { chart: made, values } = await coalesceForRender(root, frozen({ own: 1n }));
    expect(made.subcharts.map(({ metadata }) => metadata.name)).toEqual(['store']);
    expect(made.metadata.dependencies).toMatchObject([{ name: 'store', alias: 'store', enabled: true }]);
    expect(values).toEqual({
      own: 1n,
      port: 1,
      cache: { enabled: false },
      store: { exports: { data: { port: 1 } }, global: {} },
    });
  });

  it('reads schemas on the network only through what it is given', async () => {
    const schema = new TextEncoder().encode('{"$ref": "https://example.com/s.json"}');
    const root = chart('web', { a: 1 }, { schema });
    await expect(coalesceForRender(root, {})).rejects.toThrow(
      'web:\nfailing loading "https://example.com/s.json": it is on the network, which is not read unless that is allowed',
    );
    await coalesceForRender(root, {}, { skipSchemaValidation: true });
    const fetchSchema = async (url: string): Promise<string> => {
      expect(url).toBe('https://example.com/s.json');
      return '{"properties": {"a": {"type": "string"}}}';
    };
    await expect(coalesceForRender(root, {}, { fetchSchema })).rejects.toThrow(
      "values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/a': got number, want string\n",
    );
  });

  it('checks the schemas of subcharts with their own values', async () => {
    const schema = new TextEncoder().encode('{"required": ["size"]}');
    const root = chart('web', {}, { schema, subcharts: [chart('db', {}, { schema })] });
    await expect(coalesceForRender(root, { size: 1 })).rejects.toThrow("db:\n- at '': missing property 'size'\n");
    await expect(coalesceForRender(root, {})).rejects.toThrow(
      "web:\n- at '': missing property 'size'\ndb:\n- at '': missing property 'size'\n",
    );
    await coalesceForRender(root, { size: 1, db: { size: 1 } });
  });
});

describe('texts of values', () => {
  it("are Go's", () => {
    expect(goText({ b: [1, 'x', null, true], a: 1e6, c: 5n })).toBe('map[a:1e+06 b:[1 x <nil> true] c:5]');
    expect(goBoolText([1, { a: null }, true])).toBe('[%!t(float64=1) map[%!t(string=a):<nil>] true]');
    expect(goBoolText(null)).toBe('%!t(<nil>)');
  });
});
