/** What ComfyUI and InvokeAI leave in pictures, as far as it has a common meaning. */

import type { CommonSettings } from "./parameters-text.ts";

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON object, or null for any other text. */
export function parseObject(json: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Settings of a ComfyUI `prompt`: a graph `{ id: { class_type, inputs } }` in which an input is a
 * value or a link `[id, slot]`. Null if the object is no such graph.
 */
export function fromComfyUi(graph: JsonObject): CommonSettings | null {
  const nodes = Object.values(graph).filter((node) => isObject(node) && isObject(node.inputs));
  if (nodes.length === 0) return null;
  const inputs = nodes.map((node) => (node as { inputs: JsonObject }).inputs);
  const sampler = inputs.find((input) => "steps" in input && ("seed" in input || "cfg" in input));
  const sized = inputs.find(({ width, height }) => isNumber(width) && isNumber(height));
  const noise = inputs.find((input) => isNumber(input.noise_seed));
  const loader = inputs.find((input) => text(input.ckpt_name) || text(input.unet_name));
  return settings({
    prompt: linkedText(graph, sampler?.positive) ?? anyText(inputs),
    negativePrompt: linkedText(graph, sampler?.negative),
    seed: sampler?.seed ?? noise?.noise_seed,
    steps: sampler?.steps,
    guidance: sampler?.cfg,
    sampler: sampler?.sampler_name,
    model: loader?.ckpt_name ?? loader?.unet_name,
    width: sized?.width,
    height: sized?.height,
  });
}

/** Follows links from a sampler's input to the first node that holds text. */
function linkedText(graph: JsonObject, link: unknown): string | undefined {
  let next = link;
  // graphs from files may go round in circles
  for (let hops = 0; hops < 32 && Array.isArray(next); hops++) {
    const id = String(next[0]);
    const node = Object.hasOwn(graph, id) ? graph[id] : undefined;
    const inputs = isObject(node) && isObject(node.inputs) ? node.inputs : {};
    const found = inputs.text ?? inputs.value ?? inputs.string;
    if (typeof found === "string") return found;
    next = found ?? Object.values(inputs).find(Array.isArray);
  }
  return undefined;
}

function anyText(inputs: readonly JsonObject[]): unknown {
  return inputs.find((input) => text(input.text))?.text;
}

/** Settings of an `invokeai_metadata` object. */
export function fromInvokeAi(metadata: JsonObject): CommonSettings {
  const model = metadata.model;
  return settings({
    prompt: metadata.positive_prompt,
    negativePrompt: metadata.negative_prompt,
    seed: metadata.seed,
    steps: metadata.steps,
    guidance: metadata.cfg_scale ?? metadata.guidance,
    sampler: metadata.scheduler,
    model: isObject(model) ? (model.name ?? model.model_name) : model,
    width: metadata.width,
    height: metadata.height,
  });
}

const numbers = new Set(["seed", "steps", "guidance", "width", "height"]);

/** Keeps what has the right type and is not empty. */
function settings(values: Readonly<Record<keyof CommonSettings, unknown>>): CommonSettings {
  const kept = Object.entries(values).filter(([name, value]) =>
    numbers.has(name) ? isNumber(value) : text(value),
  );
  return Object.fromEntries(kept);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function text(value: unknown): value is string {
  return typeof value === "string" && value.length > 0;
}
