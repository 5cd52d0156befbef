import type { TemplateFunction } from '../base/template-function.ts';
import { alias, define } from './define.ts';
import { basePath, cleanPath, dirPath, extPath } from './text/path.ts';

const base = define('base', ['string'], basePath);
const clean = define('clean', ['string'], cleanPath);
const dir = define('dir', ['string'], dirPath);
const ext = define('ext', ['string'], extPath);
const isAbs = define('isAbs', ['string'], (path: string) => path.startsWith('/'));

/** Paths by their text. The `os…` forms follow Unix everywhere, so that a chart renders alike on all systems. */
export const pathFunctions: readonly TemplateFunction[] = [
  base,
  clean,
  dir,
  ext,
  isAbs,
  alias('osBase', base),
  alias('osClean', clean),
  alias('osDir', dir),
  alias('osExt', ext),
  alias('osIsAbs', isAbs),
];
