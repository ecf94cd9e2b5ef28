/** A frozen network that says how well texts and pictures fit: CLIP. */
import type { Picture } from "../images/picture.ts";
import type { Features } from "../metrics/features.ts";

export interface TextImageNetwork {
  /** `clip-<preset>-<first 8 hex digits of the weights' hash>`. */
  readonly name: string;
  /** How pictures and texts come to the network, in words, for reports. */
  readonly preprocessing: string;
  /** Embeddings of pictures of any size, [N, E], not normalised. */
  images(pictures: readonly Picture[]): Promise<Features>;
  /** Embeddings of texts, [N, E], not normalised; what does not fit into the network is left out. */
  texts(texts: readonly string[]): Promise<Features>;
  close(): Promise<void>;
}
