import type { VolumeAttachment } from '../../../kube/api/storage-v1.generated.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkCsiDriverName } from '../pod/storage-sources.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** kubernetes: pkg/registry/storage/volumeattachment/strategy.go */
export function volumeAttachmentStrategy(): Strategy {
  return defineStrategy<VolumeAttachment>({
    type: resourceType('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    allowUnconditionalUpdate: false,
    prepareForCreate: (attachment) => {
      attachment.status = { attached: false };
    },
    validate,
    validateUpdate: ({ spec }, old, faults) => checkImmutable(spec, old.spec, 'spec', faults),
  });
}

function validate({ spec = {} }: Loose<VolumeAttachment>, faults: Faults): void {
  const { attacher = '', nodeName = '', source = {} } = spec;
  checkCsiDriverName(attacher, 'spec.attacher', faults);
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source;
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined && inline === undefined) faults.required('spec.source', text);
  else if (name !== undefined && inline !== undefined) faults.forbidden('spec.source', text);
  else if (name === '') {
    faults.required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName');
  } else if (name !== undefined) {
    faults.invalidEach('spec.source.persistentVolumeName', name, nameIsDnsSubdomain(name));
  }
  faults.invalidEach('spec.nodeName', nodeName, nameIsDnsSubdomain(nodeName));
}
