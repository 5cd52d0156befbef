import { describe, expect, it } from 'vitest';
import { objectJson, objectJsonOnce } from '../../../src/cluster/store/object-json.ts';

describe('objects as JSON', () => {
  it('are written once for all who share them, and for the last one without being kept', () => {
    const object = { metadata: { name: 'ä' } };
    expect(objectJsonOnce(object)).not.toBe(objectJsonOnce(object));
    const bytes = objectJson(object);
    expect(bytes.toString('utf8')).toBe('{"metadata":{"name":"ä"}}');
    expect(objectJson(object)).toBe(bytes);
    expect(objectJsonOnce(object)).toBe(bytes);
  });

  it('are forgotten when they were not asked for while much else was', () => {
    const [forgotten, wanted] = [{ a: 1 }, { b: 2 }];
    const first = objectJson(forgotten);
    const kept = objectJson(wanted);
    for (let i = 0; i < 17; i += 1) {
      objectJson({ filler: 'x'.repeat(4 * 2 ** 20), i });
      expect(objectJson(wanted)).toBe(kept);
    }
    expect(objectJson(forgotten)).not.toBe(first);
    expect(objectJson(forgotten)).toEqual(first);
  });
});
