/** Ids of pictures and the transformer inputs that belong to them (sheet var, "Transformer inputs"). */
import type { Tensor } from "../graph/node.ts";
import { concat, reshape, transpose } from "../graph/ops/layout.ts";
import { constant, input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import type { ResidualScaleVq } from "./residual-scale-vq.ts";
import { pictureSize, type ScaleTokenizerOptions, scaleTokenizer } from "./scale-tokenizer.ts";

/**
 * What step k + 1 is predicted from: the reconstruction after map k at the size of map k + 1, all
 * steps but the first one after the other. → [B, L − first, C]
 */
export function teacherForcingInputs(
  quantizer: ResidualScaleVq,
  reconstructions: readonly Tensor[],
): Tensor {
  const maps = reconstructions.slice(0, -1).map((fhat, k) => {
    const pooled = quantizer.pool(fhat, k + 1);
    const [batch, channels] = pooled.shape;
    return reshape(transpose(pooled, [0, 2, 3, 1]), [batch!, -1, channels!]);
  });
  if (maps.length > 0) return concat(maps, 1);
  const [batch, channels] = reconstructions[0]!.shape as [number, number];
  return constant(new Float32Array(0), [batch, 0, channels]);
}

export interface EncodingGraph {
  readonly scope: Scope;
  /** Ids of all scales, int64 [B, L]. */
  readonly ids: Tensor;
  /** float32 [B, L − first, C]. */
  readonly inputs: Tensor;
}

/** Traces pixels [B, 3, H, W] (input `pixels`) to ids and transformer inputs. */
export function traceEncoding(options: ScaleTokenizerOptions, batch: number): EncodingGraph {
  const { height, width } = pictureSize(options);
  const scope = new Scope();
  const tokenizer = scaleTokenizer(options).bind(scope.child("tokenizer"));
  const pixels = input("pixels", "float32", [batch, 3, height, width]);
  const { ids, reconstructions } = tokenizer.quantizer.encode(tokenizer.feature(pixels));
  const inputs = teacherForcingInputs(tokenizer.quantizer, reconstructions);
  return { scope, ids: concat(ids, 1), inputs };
}
