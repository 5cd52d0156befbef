import { decodeUtf8 } from '../../src/base/go-string.ts';
import { readCases } from './generate.ts';

/** Each level holds nine times the one before. */
function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < levels; i += 1)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

function utf16(text: string, bigEndian: boolean): string {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return decodeUtf8(bigEndian ? bytes.swap16() : bytes);
}

/** More than one of the pieces in which go-yaml reads. */
const FILLER = 'filler: some text to fill a chunk with\n'.repeat(14);

/** Documents of one feature each: what a random text seldom hits. */
export const DOCUMENTS: readonly string[] = [
  ...readCases('documents'),
  ...[4, 5, 9].map(bomb),
  `a: &a x\nb: [${Array(200).fill('*a').join(', ')}]`,
  `a: &a {k: v}\nb: [${Array(2000).fill('*a').join(', ')}]`,
  ...[1023, 1024, 1025].map((length) => `${'k'.repeat(length)}: 1`),
  ...[1022, 1023].map((length) => `{"${'k'.repeat(length)}": 1}`),
  `${'é'.repeat(1000)}: 1`,
  `${'😀'.repeat(600)}: 1`,
  utf16('a: é', false),
  utf16('a: é', true),
  utf16('a: 😀', false),
  `${FILLER}a: \u0007`,
  `a: [\n${FILLER}a: \u0007`,
  `a: {b]\n${FILLER}\u0007`,
  `${FILLER}---\n${FILLER}${FILLER}\u0007`,
  `${'é'.repeat(255)}\u0001: [`,
  '['.repeat(600) + ']'.repeat(600),
  `a: ${'{a: '.repeat(600)}${'}'.repeat(600)}`,
  '['.repeat(10_001),
  '- '.repeat(10_001),
];
