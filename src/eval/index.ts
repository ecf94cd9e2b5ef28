/** Evaluation: pictures, reconstructions and results, measured in streams and shown in reports. */

export * from "./compare.ts";
export * from "./feature-cache.ts";
export * from "./gallery.ts";
export * from "./measure-reconstructions.ts";
export * from "./measure-sets.ts";
export * from "./metric.ts";
export * from "./open-pictures.ts";
export * from "./picture-set.ts";
export * from "./reference.ts";
export { type SetReport, setReport } from "./report/set-report.ts";
export {
  type ShownPair,
  type TokenizerReport,
  tokenizerReport,
} from "./report/tokenizer-report.ts";
export * from "./result.ts";
export * from "./scene-eval.ts";
