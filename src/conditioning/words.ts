/**
 * Conditioning on free text for small models: the embeddings of the words, averaged, and refined by
 * a small residual MLP so that combinations mean more than their sum. Order does not count.
 *
 * Axes: B batch · W words per text · C width
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { reshape } from "../graph/ops/layout.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { silu } from "../graph/ops/unary.ts";
import { type Initializer, normal } from "../nn/initializers.ts";
import { layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import type { Conditioning } from "./conditioning.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface WordsOptions {
  readonly vocabulary: Vocabulary;
  readonly width: number;
  /** Ids per text; longer texts lose their last ones. */
  readonly maxWords: number;
  /** While training, how often a known word is spelled in pieces, so that pieces are learned. */
  readonly splitProbability: number;
  readonly init: Initializer;
}

export function words(options: WordsOptions): Conditioning {
  const { vocabulary, width, maxWords, splitProbability, init } = options;
  const parts = {
    // averages of several words should still be about as long as one embedding of a class model
    table: { shape: [vocabulary.size, width], init: normal(0.5) },
    hidden: linear({ inputs: width, outputs: 2 * width, init }),
    refined: linear({ inputs: 2 * width, outputs: width, init }),
  };
  const pool = layer(parts, ({ table, hidden, refined }, ids: Tensor, weights: Tensor) => {
    const [batch, count] = ids.shape;
    const rows = multiply(lookup(table, ids), reshape(weights, [batch!, count!, 1]));
    const mean = reshape(sum(rows, 1), [batch!, width]);
    return add(mean, refined(silu(hidden(mean))));
  });
  return {
    accepts: { kind: "words", known: vocabulary.words },
    inputs: (batch) => ({
      words: input("words", "int32", [batch, maxWords]),
      wordWeights: input("wordWeights", "float32", [batch, maxWords]),
    }),
    bind: (scope) => {
      const run = pool.bind(scope);
      return ({ words: ids, wordWeights }) => run(ids!, wordWeights!);
    },
    feeds: (requests, variation) => {
      const texts = requests.map((request) => (request === null ? null : String(request)));
      const split = variation && (() => variation.uniform() < splitProbability);
      const encoded = vocabulary.encodeBatch(texts, maxWords, split && { split });
      const dims = [texts.length, maxWords];
      return {
        feeds: {
          words: { data: encoded.ids, dims },
          wordWeights: { data: encoded.weights, dims },
        },
        unknown: encoded.unknown,
      };
    },
  };
}
