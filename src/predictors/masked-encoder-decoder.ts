/**
 * MAR's masked encoder and decoder (sheet mar, "Backbone forward"): the encoder reads the condition
 * and the known tokens alone, the decoder puts mask vectors in the places of the others. Rows are
 * gathered and scattered; nothing is hidden by a bias. It gives a vector per token, of which a head
 * makes the token.
 *
 * Axes: B batch · L tokens · N known tokens · P class slots · S = P + L · C token channels · D width
 */
import type { Conditioning } from "../conditioning/conditioning.ts";
import { type PlaceMapSizes, placeMap } from "../conditioning/place-map.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { slice } from "../graph/ops/window.ts";
import { type Initializer, normal, xavier } from "../nn/initializers.ts";
import type { Scope } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear } from "../nn/linear.ts";
import { type VitFactors, vitBlock } from "../nn/vit-block.ts";

export interface Stack {
  readonly depth: number;
  readonly heads: number;
}

/** Hidden width of the MLPs over the width. */
export const DEFAULT_EXPANSION = 4;

export interface MaskedEncoderDecoderOptions {
  readonly width: number;
  readonly encoder: Stack;
  readonly decoder: Stack;
  readonly expansion?: number;
  /** P: how many slots hold the condition, so that the encoder has rows where no token is known. */
  readonly classSlots: number;
  /**
   * Sizes of the map from the condition to what is added to each of the decoder's slots. The paper's
   * models have no such map.
   */
  readonly placeMap?: PlaceMapSizes | undefined;
  /** Added to the variance in all normalisations but that of the embedding; 1e-6 as released. */
  readonly epsilon?: number;
  /** Compute the inside of every block again in the backward pass. */
  readonly rematerialize?: boolean;
}

export interface MaskedPredictorOptions extends MaskedEncoderDecoderOptions {
  /** L and C. */
  readonly tokens: { readonly count: number; readonly channels: number };
  readonly conditioning: Conditioning;
}

/** The tokens that are known, equally many in every row of the batch. */
export interface KnownTokens {
  /** [B, N, C] */
  readonly tokens: Tensor;
  /** Where they stand, int32 [B, N]. */
  readonly cells: Tensor;
  /** Added to the encoder's attention products, [B, 1, 1, P + N]: hides rows that fill up a batch. */
  readonly bias?: Tensor;
}

/** What the decoder reads. */
export interface Encoded {
  /** Of the class slots and of the known tokens, [B, P + N, D]. */
  readonly rows: Tensor;
  /** [B, D] */
  readonly condition: Tensor;
}

/** What is multiplied in each block of a stack while training. */
export type StackFactors = (block: number) => VitFactors;

export interface MaskedPredictor {
  /** → [B, D] */
  condition(inputs: Readonly<Record<string, Tensor>>): Tensor;
  encode(known: KnownTokens, condition: Tensor, factors?: StackFactors): Encoded;
  /**
   * The vectors that tokens are made from: → [B, L, D].
   *
   * @param slots which row of the encoder's, or the mask vector, each slot holds: `slotRows`.
   */
  decode(encoded: Encoded, slots: Tensor, factors?: StackFactors): Tensor;
  /** The same at some cells only, int32 [M] the same in every row: → [B, M, D]. */
  decodeCells(encoded: Encoded, slots: Tensor, cells: Tensor): Tensor;
}

/** All tables, vectors and embeddings start normal with σ = 0.02. */
export const maskedInit: Initializer = normal(0.02);

export function maskedPredictor(options: MaskedPredictorOptions): {
  bind(scope: Scope): MaskedPredictor;
} {
  const { width, classSlots, tokens, conditioning } = options;
  const table = (rows: number) => ({ shape: [1, rows, width], init: maskedInit });
  return {
    bind: (scope) => {
      const embed = linear({
        inputs: tokens.channels,
        outputs: width,
        init: xavier,
        exact: true,
      }).bind(scope.child("tokenEmbedding"));
      const embedNorm = layerNorm(width).bind(scope.child("embeddingNorm"));
      const condition = conditioning.bind(scope.child("condition"));
      const encoderPlaces = scope.parameter("encoderPositions", table(classSlots + tokens.count));
      const decoderPlaces = scope.parameter("decoderPositions", table(classSlots + tokens.count));
      const ofCondition =
        options.placeMap &&
        placeMap({ ...options.placeMap, width, places: classSlots + tokens.count }).bind(
          scope.child("placeMap"),
        );
      const headPlaces = scope.parameter("headPositions", table(tokens.count));
      const maskVector = scope.parameter("maskVector", table(1));
      const encoder = stack(options, options.encoder, scope.child("encoder"));
      const between = linear({ inputs: width, outputs: width, init: xavier }).bind(
        scope.child("decoderEmbedding"),
      );
      const decoder = stack(options, options.decoder, scope.child("decoder"));
      const decoded = (encoded: Encoded, slots: Tensor, factors?: StackFactors): Tensor => {
        const rows = reshape(between(encoded.rows), [-1, width]);
        const all = concat([rows, reshape(maskVector, [1, width])], 0);
        const placed = add(lookup(all, slots), decoderPlaces);
        const start = ofCondition ? add(placed, ofCondition(encoded.condition)) : placed;
        return decoder.blocks(start, { factors });
      };
      return {
        condition,
        encode: ({ tokens: known, cells, bias }, c, factors) => {
          const [batch] = c.shape as [Dim];
          const places = reshape(slice(encoderPlaces, 1, classSlots), [tokens.count, width]);
          const slots = add(reshape(c, [batch, 1, width]), slice(encoderPlaces, 1, 0, classSlots));
          const rows = concat([slots, add(embed(known), lookup(places, cells))], 1);
          const seen = encoder.norm(encoder.blocks(embedNorm(rows), { bias, factors }));
          return { rows: seen, condition: c };
        },
        decode: (encoded, slots, factors) =>
          add(decoder.norm(slice(decoded(encoded, slots, factors), 1, classSlots)), headPlaces),
        decodeCells: (encoded, slots, cells) => {
          const hidden = decoded(encoded, slots);
          const [batch] = hidden.shape as [number];
          const [count] = cells.shape as [Dim];
          const own = Array.from({ length: batch }, (_, row) => {
            const picture = slice(slice(hidden, 0, row, row + 1), 1, classSlots);
            const chosen = lookup(reshape(picture, [tokens.count, width]), cells);
            return reshape(chosen, [1, count, width]);
          });
          const places = lookup(reshape(headPlaces, [tokens.count, width]), cells);
          return add(decoder.norm(concat(own, 0)), places);
        },
      };
    },
  };
}

interface StackCall {
  readonly bias?: Tensor | undefined;
  readonly factors?: StackFactors | undefined;
}

function stack(
  {
    width,
    expansion = DEFAULT_EXPANSION,
    epsilon = 1e-6,
    rematerialize = false,
  }: MaskedEncoderDecoderOptions,
  { depth, heads }: Stack,
  scope: Scope,
) {
  const block = vitBlock({ width, heads, expansion, init: xavier, epsilon, rematerialize });
  const list = scope.child("blocks");
  const blocks = Array.from({ length: depth }, (_, i) => block.bind(list.child(String(i))));
  return {
    blocks: (x: Tensor, { bias, factors }: StackCall) =>
      blocks.reduce((h, run, i) => run(h, bias, factors?.(i)), x),
    norm: layerNorm(width, epsilon).bind(scope.child("norm")),
  };
}

/**
 * What `decode` reads, int32 [B, P + L]: encoded rows are numbered through the batch, and the mask
 * vector has the number after the last.
 *
 * @param cells of the known tokens, row by row, [B · N]; negative ones are no tokens.
 * @param known N
 */
export function slotRows(
  cells: Int32Array,
  { batch, known, count, classSlots }: SlotSizes,
): Int32Array {
  const rows = classSlots + known;
  const slots = new Int32Array(batch * (classSlots + count)).fill(batch * rows);
  for (let b = 0; b < batch; b++) {
    const first = b * (classSlots + count);
    for (let p = 0; p < classSlots; p++) slots[first + p] = b * rows + p;
    for (let n = 0; n < known; n++) {
      const cell = cells[b * known + n]!;
      if (cell >= 0) slots[first + classSlots + cell] = b * rows + classSlots + n;
    }
  }
  return slots;
}

export interface SlotSizes {
  readonly batch: number;
  readonly known: number;
  readonly count: number;
  readonly classSlots: number;
}
