/** What {@link withRegistryFaults} needs of a catalogue's images. */
interface Located {
  readonly reference: { readonly registry: string };
}

/** A catalogue whose images cannot be pulled while their registry is down; images that a node has are not concerned. */
export function withRegistryFaults<T extends Located>(
  catalogue: { find(image: string): T },
  isDown: (registry: string) => boolean,
): { find(image: string): T & { readonly registryDown: boolean } } {
  return {
    find: (image) => {
      const found = catalogue.find(image);
      return { ...found, registryDown: isDown(found.reference.registry) };
    },
  };
}
