import { describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/base/go-string.ts';
import { Composer } from '../../src/yaml/compose.ts';
import { ConversionFault } from '../../src/yaml/decode.ts';
import { YamlFault } from '../../src/yaml/fault.ts';
import { prepareInput } from '../../src/yaml/input.ts';
import { newObject } from '../../src/base/json.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { decodeJson, readJson, decodeNode, encodeJson, fromYaml, toYaml, toYamlPretty } from '../../src/yaml/index.ts';
import { DOCUMENTS } from './documents.ts';
import { NASTY, mutate, randomMap, randomString, randomValue, randomYaml } from './generate.ts';
import { askHelm } from './helm-oracle.ts';

/** Random cases of each kind; more where there is time: PINTLE_YAML_CASES=50000 PINTLE_YAML_SEED=7 npx vitest run test/yaml. */
const CASES = Number(process.env['PINTLE_YAML_CASES'] ?? 1000);
const SEED = process.env['PINTLE_YAML_SEED'] ?? '1';

function make(name: string, count: number, next: (random: SeededRandom) => string): string[] {
  const random = new SeededRandom(`${SEED} ${name}`);
  // Bytes that come to stand side by side may be UTF-8 after all.
  return Array.from({ length: count }, () => decodeUtf8(encodeUtf8(next(random))));
}

/** The result of a call, or its error's message in `wrap`. */
function settle(call: () => unknown, wrap: (message: string) => unknown): string {
  try {
    return encodeJson(call());
  } catch (error) {
    if (error instanceof PintleError || error instanceof YamlFault || error instanceof ConversionFault) {
      return encodeJson(wrap(error.message));
    }
    throw error;
  }
}

/** Go prints maps in error messages, and finds several faults, in an order that is left to chance. */
function comparable(text: string): string {
  return text.replace(/(unsupported map key of type: \S+)[^]*/, '$1');
}

function compare(
  texts: readonly string[],
  expressions: readonly string[],
  ours: (text: string) => readonly string[],
): void {
  const wrong: unknown[] = [];
  for (const [i, results] of askHelm(expressions, texts).entries()) {
    const text = texts[i] ?? '';
    const mine = ours(text);
    results.forEach((helm, j) => {
      if (comparable(mine[j] ?? '') !== comparable(helm))
        wrong.push({ text, expression: expressions[j], helm, ours: mine[j] });
    });
  }
  expect(wrong.slice(0, 20), `seed ${SEED}: ${wrong.length} of ${texts.length} differ`).toEqual([]);
}

function decodeBoth(text: string): string[] {
  return [
    settle(
      () => fromYaml(text, { target: 'map' }),
      (Error) => ({ Error }),
    ),
    settle(
      () => fromYaml(text, { target: 'array' }),
      (message) => [message],
    ),
  ];
}

const DECODE = ['toJson (fromYaml $t)', 'toJson (fromYamlArray $t)'];

describe('fromYaml and fromYamlArray against helm', () => {
  test('scalars', () => {
    const lines = NASTY.flatMap((text) => [
      `a: ${text}\n`,
      `${text}: b\n`,
      `- ${text}\n- ${text}`,
      `{a: ${text}}`,
      `[${text}, ${text}]`,
    ]);
    compare(lines, DECODE, decodeBoth);
  });

  test('documents of one feature each', () => {
    compare(DOCUMENTS, DECODE, decodeBoth);
  });

  test('random fragments', () => {
    compare(make('fragments', 2 * CASES, randomYaml), DECODE, decodeBoth);
  });

  test('damaged documents', () => {
    const next = (random: SeededRandom): string => mutate(random, toYaml(cleanMap(random)));
    compare(make('damaged', CASES, next), DECODE, decodeBoth);
  });

  test('damaged JSON and pretty documents', () => {
    const next = (random: SeededRandom): string => {
      const value = cleanMap(random);
      return mutate(random, random.below(2) === 0 ? encodeJson(value, { indent: '  ' }) : toYamlPretty(value));
    };
    compare(make('pretty', CASES, next), DECODE, decodeBoth);
  });

  test('the quick parser agrees with the whole one', () => {
    const texts = [
      ...make('fragments', 2 * CASES, randomYaml),
      ...make('documents', CASES, (random) => toYaml(cleanMap(random))),
    ];
    for (const text of texts) {
      const quick = settle(
        () => fromYaml(text),
        (message) => message,
      );
      const whole = settle(
        () => {
          const root = new Composer(prepareInput(text)).next();
          return root === undefined ? null : decodeNode(root, { numbers: 'float64', strict: false });
        },
        (message) => message,
      );
      if (!quick.startsWith('"error')) expect({ text, value: quick }).toEqual({ text, value: whole });
    }
  });
});

/** A map whose YAML can be read back by go-yaml. */
function cleanMap(random: SeededRandom): Record<string, unknown> {
  for (;;) {
    const value = randomMap(random);
    try {
      toYaml(value);
      return value;
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
    }
  }
}

function encodeAll(text: string): string[] {
  const { v } = decodeJson(text, { target: 'map' }) ?? {};
  const swallow = (call: () => string): string => {
    try {
      return call().replace(/\n$/, '');
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      return '';
    }
  };
  return [swallow(() => toYaml(v)), swallow(() => toYamlPretty(v)), encodeJson(v)];
}

const ENCODE = ['toYaml (fromJson $t).v', 'toYamlPretty (fromJson $t).v', 'toJson (fromJson $t).v'];

describe('toYaml, toYamlPretty and toJson against helm', () => {
  const wrapped = (v: unknown): string => encodeJson({ v });

  test('strings', () => {
    const texts = NASTY.flatMap((text) => [
      wrapped(text),
      wrapped([text]),
      wrapped({ [text]: text }),
      wrapped({ a: [{ [text]: [text] }] }),
    ]);
    compare(texts, ENCODE, encodeAll);
  });

  test('random strings', () => {
    compare(
      make('strings', CASES, (random) =>
        wrapped({ k: randomString(random), [randomString(random)]: [randomString(random)] }),
      ),
      ENCODE,
      encodeAll,
    );
  });

  test('random values', () => {
    compare(
      make('values', CASES, (random) => wrapped(randomValue(random))),
      ENCODE,
      encodeAll,
    );
  });

  test('long lines', () => {
    const next = (random: SeededRandom): string => {
      const words = Array.from(
        { length: 5 + random.below(40) },
        () => `${'xy'.repeat(random.below(9))}${random.below(12) === 0 ? randomString(random) : 'z'}`,
      );
      return wrapped({
        key: words.join(random.below(3) === 0 ? '  ' : ' '),
        [words.join('-').slice(0, 300)]: { nested: [words.join(' ')] },
      });
    };
    compare(make('long', CASES / 4, next), ENCODE, encodeAll);
  });

  test('the order of keys', () => {
    const next = (random: SeededRandom): string => {
      const alphabet = Array.from('aAb0019.-_/:é日ßǅ٣४😀 Z');
      const keys = Array.from({ length: 6 }, () =>
        Array.from({ length: 1 + random.below(5) }, () => alphabet[random.below(alphabet.length)]).join(''),
      );
      return wrapped(Object.fromEntries(keys.slice(0, 2).map((key) => [`k${key}`, 1])));
    };
    compare(make('keys', CASES, next), ENCODE, encodeAll);
  });
});

describe('fromJson and fromJsonArray against helm', () => {
  test('damaged texts', () => {
    const next = (random: SeededRandom): string =>
      mutate(
        random,
        encodeJson(random.below(2) === 0 ? randomMap(random) : [randomValue(random)], {
          indent: random.below(2) === 0 ? ' ' : '',
        }),
      );
    const texts = [
      '',
      ' ',
      'null',
      '1',
      '"a"',
      '{',
      '[',
      '{"a"',
      '{"a":',
      '[1 2]',
      '[1,]',
      '{"a":1,}',
      'nul',
      'tru',
      '-',
      '01',
      '1.',
      '1e',
      '"\\x"',
      '"\\u12"',
      '"\n"',
      '{a}',
      '1e999',
      '{"a":1e999,"b":[1e999,2]}',
      '[1e999]',
      '"\\\\',
      '"\\\\u1',
      '"abc',
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      'é',
      "'",
      '{"a":1} x',
    ];
    compare([...texts, ...make('json', CASES, next)], ['toJson (fromJson $t)', 'toJson (fromJsonArray $t)'], (text) => {
      const map = readJson(text, { target: 'map' });
      const { value, error } = readJson(text, { target: 'array' });
      const fault = map.error === undefined ? {} : { Error: map.error.message };
      const merged = map.value === null ? null : Object.assign(newObject(), map.value, fault);
      return [encodeJson(merged), encodeJson(error === undefined ? value : [error.message])];
    });
  });
});
