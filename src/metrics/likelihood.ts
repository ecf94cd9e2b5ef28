/**
 * Units of likelihood. Bits per dimension exist only for normalised models of the pixels themselves;
 * a model of tokens is measured in nats a token or bits a picture, and called so.
 */

export interface DimensionScale {
  /** Values of the original picture, H · W · C. */
  readonly dimensions: number;
  /** Width of 256 levels on the scale that the density lives on: 256 for bytes, 2 for [-1, 1]. */
  readonly levelsWidth?: number;
}

/** Bits per dimension of one picture: nats / (ln 2 · D) + log₂(256 / width of the levels). */
export function bitsPerDimension(
  nats: number,
  { dimensions, levelsWidth = 256 }: DimensionScale,
): number {
  return nats / (Math.LN2 * dimensions) + Math.log2(256 / levelsWidth);
}

/** Bits that the token sequence of one picture takes under a model. */
export function bitsPerPicture(natsPerToken: number, tokens: number): number {
  return (natsPerToken * tokens) / Math.LN2;
}

/** exp(nats per token): the even choice that is as hard to guess. */
export function tokenPerplexity(natsPerToken: number): number {
  return Math.exp(natsPerToken);
}
