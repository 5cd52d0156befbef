import { SeededRandom } from '../../src/base/random.ts';
import { randomYaml } from '../yaml/generate.ts';
import { Choice } from './choice.ts';
import { TemplateWriter } from './template-writer.ts';
import { ValuesWriter } from './values-text.ts';

/** What is rendered on both sides. */
export interface FuzzCase {
  readonly id: string;
  readonly kind: 'template' | 'values' | 'scalars';
  readonly values: string;
  readonly template: string;
}

/** What the templates of all cases can include. */
export const LEAF = '{{ define "leaf" }}leaf:{{ . }}{{ end }}';

const SHOW_VALUES = '{{ toYaml .Values }}|{{ toJson .Values }}|{{ .Values }}|{{ toYamlPretty .Values }}';
const SHOW_SCALARS =
  '{{ range $k, $v := .Values.list }}{{ $k }}={{ $v }} {{ typeOf $v }} {{ toJson $v }} {{ toYaml $v }} {{ quote $v }} {{ int64 $v }} {{ printf "%v %q" $v $v }}\n{{ end }}{{ range .Values.texts }}{{ fromYaml . }} {{ fromYamlArray . | toJson }} {{ fromJson . | toYaml }} {{ fromYaml (print "k: " .) | toJson }}\n{{ end }}';

/** The case of a seed and a number: the same each time. */
export function fuzzCase(seed: string, number: number): FuzzCase {
  const id = `${seed}/${number}`;
  const choice = new Choice(new SeededRandom(id));
  const roll = choice.below(20);
  const writer = new ValuesWriter(choice, roll >= 5);
  if (roll < 3) {
    const text = choice.once(2) ? writer.next().text : randomYaml(choice.random);
    return { id, kind: 'values', values: text, template: SHOW_VALUES };
  }
  if (roll < 5) {
    const list = choice.several(3, 10, () => `- ${writer.scalar()}\n`).join('');
    const texts = choice
      .several(2, 6, () => `- ${JSON.stringify(choice.once(2) ? writer.scalar() : randomYaml(choice.random))}\n`)
      .join('');
    return { id, kind: 'scalars', values: `list:\n${list}texts:\n${texts}`, template: SHOW_SCALARS };
  }
  const values = writer.next();
  return { id, kind: 'template', values: values.text, template: new TemplateWriter(choice).next(values) };
}
