/** A set of replicates: one bit each, so that a million of them take 125 kB. */
export interface ReplicateKeys {
  has(designPoint: string, replicate: number): boolean;
  add(designPoint: string, replicate: number): void;
}

/** An empty set of replicates. */
export function createReplicateKeys(): ReplicateKeys {
  const points = new Map<string, Uint8Array>();
  return {
    has(designPoint, replicate) {
      const bits = points.get(designPoint);
      return bits !== undefined && ((bits[replicate >> 3] ?? 0) & (1 << (replicate & 7))) !== 0;
    },
    add(designPoint, replicate) {
      let bits = points.get(designPoint) ?? new Uint8Array(64);
      if (replicate >> 3 >= bits.length) {
        const longer = new Uint8Array(Math.max(2 * bits.length, (replicate >> 3) + 1));
        longer.set(bits);
        bits = longer;
      }
      points.set(designPoint, bits);
      bits[replicate >> 3] = (bits[replicate >> 3] ?? 0) | (1 << (replicate & 7));
    },
  };
}
