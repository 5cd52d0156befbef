import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  JSONSchemaProps,
  SelectableField,
} from '../../../kube/api/apiextensions-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { Verbatim } from '../field-error.ts';
import type { Loose } from '../wire.ts';

/** What a version has besides its name and flags. */
export interface VersionParts {
  readonly schema: JSONSchemaProps | undefined;
  readonly subresources: Loose<CustomResourceSubresources> | undefined;
  readonly columns: readonly Loose<CustomResourceColumnDefinition>[] | undefined;
  readonly selectableFields: readonly Loose<SelectableField>[] | undefined;
}

/**
 * A definition as Kubernetes holds it while it checks it: what all versions share is moved out of them,
 * which shows in the paths of faults (`spec.validation.openAPIV3Schema`).
 */
export interface InternalSpec {
  readonly shared: VersionParts;
  /** In the order of `versions`; without what is shared. */
  readonly perVersion: readonly VersionParts[];
}

/** apiextensions: pkg/apis/apiextensions/v1/conversion.go */
export function toInternalSpec(spec: Loose<CustomResourceDefinitionSpec>): InternalSpec {
  const versions = spec.versions ?? [];
  const [first = {}] = versions;
  const share = (key: keyof CustomResourceDefinitionVersion): boolean =>
    versions.every((version) => semanticEqual(version[key], first[key]));
  const shares = {
    schema: share('schema'),
    subresources: share('subresources'),
    columns: share('additionalPrinterColumns'),
    selectableFields: share('selectableFields'),
  };
  return {
    shared: partsOf(first, (part) => shares[part]),
    perVersion: versions.map((version) => partsOf(version, (part) => !shares[part])),
  };
}

function partsOf(
  version: Loose<CustomResourceDefinitionVersion>,
  holds: (part: keyof VersionParts) => boolean,
): VersionParts {
  return {
    schema: holds('schema') ? (version.schema?.openAPIV3Schema as JSONSchemaProps | undefined) : undefined,
    subresources: holds('subresources') ? version.subresources : undefined,
    columns: holds('columns') ? version.additionalPrinterColumns : undefined,
    selectableFields: holds('selectableFields') ? version.selectableFields : undefined,
  };
}

/** The versions as faults show them. */
export function internalVersions(spec: Loose<CustomResourceDefinitionSpec>, { perVersion }: InternalSpec): Verbatim {
  const versions = (spec.versions ?? []).map((version, i) => {
    const parts = perVersion[i];
    return {
      Name: version.name ?? '',
      Served: version.served ?? false,
      Storage: version.storage ?? false,
      Deprecated: version.deprecated ?? false,
      DeprecationWarning: version.deprecationWarning ?? null,
      Schema: parts?.schema === undefined ? null : { OpenAPIV3Schema: parts.schema },
      Subresources: parts?.subresources ?? null,
      AdditionalPrinterColumns: parts?.columns ?? null,
      SelectableFields: parts?.selectableFields ?? null,
    };
  });
  return new Verbatim(JSON.stringify(versions));
}
