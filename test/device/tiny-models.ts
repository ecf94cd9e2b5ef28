/** Two models small enough for a software GPU, with every layer that training uses. */
import type { Tensor } from "../../src/graph/node.ts";
import { subtract } from "../../src/graph/ops/arithmetic.ts";
import { upsampleNearest } from "../../src/graph/ops/conv.ts";
import { reshape } from "../../src/graph/ops/layout.ts";
import { mean } from "../../src/graph/ops/reduce.ts";
import { crossEntropy } from "../../src/graph/ops/softmax.ts";
import { constant, input } from "../../src/graph/ops/source.ts";
import { silu, square } from "../../src/graph/ops/unary.ts";
import { conv, groupNorm } from "../../src/nn/conv.ts";
import { normal } from "../../src/nn/initializers.ts";
import { type Layer, layer, Scope } from "../../src/nn/layer.ts";
import { embedding } from "../../src/nn/linear.ts";
import { attentionBlock, residualBlock } from "../../src/nn/residual-block.ts";
import { adaLnTransformer } from "../../src/predictors/adaln-transformer.ts";
import { random } from "../../src/random/random.ts";
import type { TrainingGraph } from "../../src/training/trainer.ts";

export interface TinyModel {
  readonly graph: TrainingGraph;
  readonly feeds: Readonly<Record<string, Float32Array | Int32Array>>;
}

const width = 32;
const length = 6;
const vocabulary = 16;

/** Ids to ids, steered by a class; each position sees itself and what lies before. */
function languageModel(rematerialize: boolean): Layer<[ids: Tensor, classes: Tensor], Tensor> {
  const parts = {
    words: embedding(vocabulary, width, normal(0.5)),
    classes: embedding(3, width, normal(0.5)),
    transformer: adaLnTransformer({
      depth: 2,
      width,
      heads: 2,
      logits: vocabulary,
      normalizeQueryKey: true,
      sharedModulation: true,
      gainInit: 0.5,
      rematerialize,
    }),
  };
  const bias = Float32Array.from({ length: length * length }, (_, i) =>
    i % length <= i / length ? 0 : Number.NEGATIVE_INFINITY,
  );
  return layer(parts, ({ words, classes, transformer }, ids, labels) =>
    transformer(words(ids), classes(labels), {
      attended: () => ({ bias: constant(bias, [length, length]) }),
    }),
  );
}

export function tinyTransformer(rematerialize = false): TinyModel {
  const scope = new Scope();
  const ids = input("ids", "int32", [2, length]);
  const classes = input("classes", "int32", [2]);
  const targets = input("targets", "int32", [2 * length, 1]);
  const logits = languageModel(rematerialize).bind(scope)(ids, classes);
  const loss = mean(crossEntropy(reshape(logits, [-1, vocabulary]), targets));
  const draw = random(3, "tiny ids");
  const some = (count: number) =>
    Int32Array.from({ length: count }, (): number => draw.integer(vocabulary));
  return {
    graph: {
      name: "tiny-transformer",
      scope,
      loss,
      metrics: {},
      decayExempt: [],
      rematerialized: rematerialize,
    },
    feeds: { ids: some(2 * length), classes: Int32Array.of(0, 2), targets: some(2 * length) },
  };
}

/** Half the size and back, with a block of each kind. */
const autoencoder: Layer<[x: Tensor], { latent: Tensor; back: Tensor }> = layer(
  {
    down: conv({
      inputs: 3,
      outputs: 6,
      stride: 2,
      padding: { top: 0, left: 0, bottom: 1, right: 1 },
    }),
    block: residualBlock(6, 6, 3),
    attention: attentionBlock(6, 3),
    norm: groupNorm(6, 3),
    up: conv({ inputs: 6, outputs: 3 }),
  },
  (parts, x: Tensor) => {
    const latent = parts.attention(parts.block(parts.down(x)));
    return { latent, back: parts.up(upsampleNearest(silu(parts.norm(latent)))) };
  },
);

export function tinyAutoencoder(): TinyModel {
  const scope = new Scope();
  const x = input("x", "float32", [2, 3, 8, 8]);
  const { latent, back } = autoencoder.bind(scope)(x);
  const loss = mean(square(subtract(back, x)));
  return {
    graph: { name: "tiny-autoencoder", scope, loss, metrics: { latent }, decayExempt: [] },
    feeds: {
      x: random(3, "tiny pixels")
        .normals(2 * 3 * 8 * 8)
        .map(Math.tanh),
    },
  };
}
