/** Weights at rest: safetensors, model folders, parity cases, names of official checkpoints. */

export * from "./file-hash.ts";
export * from "./half.ts";
export * from "./json-file.ts";
export * from "./match-parameters.ts";
export * from "./model-card.ts";
export * from "./model-config.ts";
export * from "./model-folder.ts";
export * from "./name-map.ts";
export * from "./near-names.ts";
export * from "./official-source.ts";
export * from "./official-var.ts";
export * from "./official-var-settings.ts";
export * from "./official-var-sizes.ts";
export * from "./open-checkpoint.ts";
export * from "./parity-case.ts";
export * from "./place-parameters.ts";
export * from "./pytorch/open-pytorch.ts";
export * from "./resolve-model.ts";
export * from "./rule-weights.ts";
export * from "./safetensors.ts";
export * from "./safetensors-shards.ts";
export * from "./storage.ts";
export * from "./tensor-data.ts";
export * from "./tensor-file.ts";
export * from "./whole-file.ts";
export * from "./wrapped-names.ts";
