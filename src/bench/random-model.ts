/**
 * Model folders with random weights of official size, made quickly and with little memory: what a
 * model computes with does not change how long it takes.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MODEL_FORMAT, type ModelConfig } from "../checkpoints/model-config.ts";
import { fnv1a32 } from "../checkpoints/rule-weights.ts";
import { encodeSafetensorsHeader } from "../checkpoints/safetensors-header.ts";
import { elementCount } from "../checkpoints/tensor-data.ts";
import { writeWhole } from "../checkpoints/whole-file.ts";
import type { ParameterSpec, ParameterSpecs } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../systems/model-parameters.ts";
import type { System } from "../systems/system.ts";
import { varSystem } from "../systems/var.ts";
import type { VarConfig } from "../systems/var-config.ts";

/** Up to here parameters start as they would in training: norms at 1, biases at 0. */
const SMALL = 16_384;

/** A VAR with random weights: see `randomModel`. */
export function randomVar(parent: string, name: string, config: VarConfig): Promise<string> {
  return randomModel(parent, name, varSystem, config);
}

/**
 * Writes a model with random weights under `parent`, unless it is there already.
 *
 * @returns the model's folder, named by its sizes.
 */
export async function randomModel<Config>(
  parent: string,
  name: string,
  system: System<Config>,
  config: Config,
): Promise<string> {
  const parts = JSON.parse(JSON.stringify(config)) as ModelConfig["parts"];
  const content: ModelConfig = { format: MODEL_FORMAT, system: system.name, parts };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const version = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const folder = join(parent, `${name}-${version}`);
  const path = join(folder, "config.json");
  // written last, so that a folder with it is whole
  if ((await readFile(path, "utf8").catch(() => null)) === text) return folder;
  await mkdir(folder, { recursive: true });
  const { transformer, tokenizer } = modelParameters(system.compose(config, {}));
  const own = [...tokenizer].map(
    ([key, spec]) => [key.slice(TOKENIZER_PREFIX.length), spec] as const,
  );
  await writeRandom(join(folder, "model.safetensors"), transformer);
  await writeRandom(join(folder, "tokenizer.safetensors"), new Map(own));
  await writeWhole(path, text);
  return folder;
}

async function writeRandom(path: string, specs: ParameterSpecs): Promise<void> {
  let end = 0;
  const entries = [...specs].map(([name, { shape }]) => {
    const begin = end;
    end += 4 * elementCount(shape);
    return { name, dtype: "float32" as const, shape, offsets: [begin, end] as const };
  });
  const header = encodeSafetensorsHeader({ entries, metadata: new Map() });
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  await writeWhole(path, chunks([length, header], specs));
}

/** One tensor at a time, so that writing takes the memory of the largest. */
function* chunks(head: readonly Uint8Array[], specs: ParameterSpecs): Generator<Uint8Array> {
  yield* head;
  for (const [name, spec] of specs) {
    const { buffer, byteOffset, byteLength } = values(name, spec);
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/**
 * Uniform with variance 1 / fan-in, which keeps activations level, by xorshift32 (Marsaglia 2003):
 * a nanosecond a number. Every tensor differs, because the engine would pack equal ones once.
 */
function values(name: string, { shape, init }: ParameterSpec): Float32Array {
  const count = elementCount(shape);
  if (count <= SMALL) return init(shape, random(1, "init", name));
  const scale = Math.sqrt(3 / elementCount(shape.slice(1))) / 2 ** 31;
  const data = new Float32Array(count);
  let bits = fnv1a32(name) | 1;
  for (let i = 0; i < count; i++) {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    data[i] = bits * scale;
  }
  return data;
}
