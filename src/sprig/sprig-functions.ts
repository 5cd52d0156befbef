import type { TemplateFunction } from '../base/template-function.ts';
import { certificateFunctions } from './certificates.ts';
import { cryptoFunctions, cryptoOf } from './crypto.ts';
import { dateFunctions } from './dates.ts';
import { defaultFunctions } from './defaults.ts';
import { dictFunctions } from './dicts.ts';
import { encodingFunctions } from './encoding.ts';
import type { SprigEnvironment } from './environment.ts';
import { helmFunctions } from './helm.ts';
import { jsonFunctions } from './json.ts';
import { listFunctions } from './lists.ts';
import { mathFunctions, randomNumberFunctions } from './math.ts';
import { networkFunctions } from './network.ts';
import { pathFunctions } from './paths.ts';
import { randomStringFunctions } from './random-strings.ts';
import { reflectionFunctions } from './reflection.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { stringFunctions } from './strings.ts';
import { tomlFunctions } from './toml.ts';
import { urlFunctions } from './urls.ts';

/**
 * The functions that Helm 4 gives to templates, by name: Sprig 3.3.0 with Helm's own ones, without those of the template
 * language itself and without `include`, `tpl`, `required`, `fail` and `lookup`, which need a renderer.
 */
export function sprigFunctions(environment: SprigEnvironment): Map<string, TemplateFunction> {
  const crypto = cryptoOf(environment);
  const groups = [
    stringFunctions,
    listFunctions,
    dictFunctions,
    mathFunctions,
    defaultFunctions,
    reflectionFunctions,
    encodingFunctions,
    pathFunctions,
    urlFunctions,
    semverFunctions,
    jsonFunctions,
    helmFunctions,
    regexFunctions(environment),
    dateFunctions(environment),
    randomStringFunctions(environment),
    randomNumberFunctions(environment),
    networkFunctions(environment),
    tomlFunctions(environment),
    cryptoFunctions(environment, crypto),
    certificateFunctions(environment, crypto),
  ];
  return new Map(groups.flat().map((each) => [each.name, each]));
}
