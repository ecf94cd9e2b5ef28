/** What every classifier gives. */
import type { Tensor } from "../graph/node.ts";

/** Axes: B batch · C channels · H, W pixels · D features · K classes */
export interface ClassifierOutput {
  /** What each level ends with, fine to coarse: [B, C, ⌊H / 2ⁱ⌋, ⌊W / 2ⁱ⌋]. */
  readonly maps: readonly Tensor[];
  /** [B, D], none negative. */
  readonly features: Tensor;
  /** Class scores before the softmax, [B, K]; a linear map of the features, without bias. */
  readonly logits: Tensor;
}
