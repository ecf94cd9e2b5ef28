/** CLIP's weights in files of others: their sizes from their shapes, then their values. */
import { type ExpectedParameter, requireParameters } from "../checkpoints/match-parameters.ts";
import { openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { toFloat32 } from "../checkpoints/tensor-data.ts";
import type { TensorEntry } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";
import type { ParameterSpecs } from "../nn/layer.ts";
import { traceClipImages, traceClipTexts } from "./clip.ts";
import type { ClipConfig } from "./clip-config.ts";
import { type ClipLayout, huggingFace, layoutOf, tensorsOf } from "./clip-layouts.ts";
import { type ClipSizes, headsOf } from "./clip-sizes.ts";

/** The temperature of training; every file has it, no score needs it. */
const SCALE: ExpectedParameter = { name: "logit_scale", shape: [] };

export interface ClipWeights {
  readonly sizes: ClipSizes;
  /** The values of some parameters, by their paths in the graph. */
  read(specs: ParameterSpecs): Promise<Map<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * Opens a file of CLIP in any format and in either naming.
 *
 * @param config what shapes do not say.
 * @throws CheckpointError listing every missing, surplus and wrongly shaped tensor, or those from which
 * the sizes cannot be had.
 */
export async function openClipWeights(path: string, config: ClipConfig): Promise<ClipWeights> {
  const file = await openCheckpoint(path);
  try {
    const layout = layoutOf(file.entries, path);
    const entries = file.entries.filter(({ name }) => !layout.names.isBuffer(name));
    const sizes = sizesOf(layout, entries, config, path);
    requireParameters(clipParameters(sizes, layout), entries, path);
    const readOne = async (name: string, turned: boolean) => {
      const { shape } = entries.find((entry) => entry.name === name)!;
      const values = toFloat32(await file.read(name));
      return turned ? transposed(values, shape as [number, number]) : values;
    };
    return {
      sizes,
      read: async (specs) => {
        const values = new Map<string, Float32Array>();
        for (const [path, { shape }] of specs) {
          const parts: Float32Array[] = [];
          for (const { name } of tensorsOf(layout, path, shape)) {
            parts.push(await readOne(name, layout.turned.includes(path)));
          }
          values.set(path, joined(parts));
        }
        return values;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Everything that a file of these sizes holds; the names are Hugging Face's unless said otherwise. */
export function clipParameters(
  sizes: ClipSizes,
  layout: ClipLayout = huggingFace,
): ExpectedParameter[] {
  const specs = [traceClipImages(sizes), traceClipTexts(sizes)].flatMap(({ scope }) => [
    ...scope.specs,
  ]);
  return [SCALE, ...specs.flatMap(([path, { shape }]) => tensorsOf(layout, path, shape))];
}

/** @throws CheckpointError naming the tensors whose shapes give no sizes. */
function sizesOf(
  { names, turned }: ClipLayout,
  entries: readonly TensorEntry[],
  { image, text }: ClipConfig,
  where: string,
): ClipSizes {
  const problems: string[] = [];
  const shapeOf = (path: string, rank: number): readonly number[] => {
    const name = names.toOfficial(path)!;
    const shape = entries.find((entry) => entry.name === name)?.shape;
    if (shape?.length !== rank || shape.includes(0)) {
      problems.push(`${name} ${shape ? `[${shape.join(", ")}]` : "missing"}`);
      return [];
    }
    return turned.includes(path) ? [...shape].reverse() : shape;
  };
  const depthOf = (tower: string): number => {
    const first = new RegExp(`^${tower}\\.blocks\\.\\d+\\.norm1\\.weight$`);
    return entries.filter(({ name }) => first.test(names.fromOfficial(name) ?? "")).length;
  };
  const [width = 0, , , patch = 0] = shapeOf("image.patches.weight", 4);
  const [rows = 0] = shapeOf("image.positions", 2);
  const [dimensions = 0] = shapeOf("image.projection.weight", 2);
  const [vocabulary = 0, textWidth = 0] = shapeOf("text.tokens.weight", 2);
  const [longest = 0] = shapeOf("text.positions", 2);
  const across = Math.sqrt(rows - 1);
  if (problems.length === 0 && !(Number.isInteger(across) && across > 0)) {
    problems.push(`${names.toOfficial("image.positions")} of ${rows} rows, not a square and one`);
  }
  if (problems.length > 0) {
    const expected = "CLIP's weights, whose shapes give its sizes";
    throw new CheckpointError({ where, expected, got: problems.join("; ") });
  }
  const towerOf = (wide: number, tower: "image" | "text", config: ClipConfig["image"]) => ({
    width: wide,
    depth: depthOf(tower),
    heads: config.heads ?? headsOf(wide),
    activation: config.activation,
  });
  return {
    dimensions,
    image: { ...towerOf(width, "image", image), side: across * patch, patch },
    text: { ...towerOf(textWidth, "text", text), vocabulary, longest },
  };
}

function transposed(
  values: Float32Array,
  [rows, columns]: readonly [number, number],
): Float32Array {
  const turned = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j]!;
  }
  return turned;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
