import { newObject } from '../base/json.ts';
import { goQuote } from '../base/go-quote.ts';
import { ANY_MAP, type GoType } from '../gotemplate/runtime/go-type.ts';
import { GoTyped } from '../gotemplate/runtime/go-value.ts';
import { tableAt, valueAt } from '../values/look-up.ts';
import { toYaml } from '../yaml/emit.ts';

type Values = GoTyped<Readonly<Record<string, unknown>> | null>;

/** helm: common.Values; what templates see of values, and the type of the dot that files start with. */
export const VALUES: GoType = {
  ...ANY_MAP,
  name: 'common.Values',
  methods: {
    AsMap: { params: [], call: (values: Values) => values.value ?? newObject() },
    YAML: { params: [], call: (values: Values) => toYaml(values.value ?? newObject()) },
    Table: { params: ['string'], call: table },
    PathValue: { params: ['string'], call: pathValue },
    // Nothing that a template can get hold of is a writer.
    Encode: { params: ['io.Writer'], call: () => null },
  },
};

function table(values: Values, path: string): GoTyped {
  const found = tableAt(values.value ?? {}, path);
  if ('missing' in found) throw new Error(`${goQuote(found.missing)} is not a table`);
  return new GoTyped(VALUES, found.table);
}

function pathValue(values: Values, path: string): unknown {
  if (path === '') throw new Error('YAML path cannot be empty');
  const found = valueAt(values.value ?? {}, path);
  if (found === undefined) throw new Error(`${goQuote(path.slice(path.lastIndexOf('.') + 1))} is not a value`);
  return found.value;
}
