/** A published model that is timed while it draws, with random weights of its size. */
import type { WeightFormat } from "../systems/weight-format.ts";

/** What the official code takes for one picture, where the machine's rate is known. */
export interface OfficialTime {
  readonly seconds: number;
  /** Best matrix rate of that machine in 10⁹ operations per second, in our engine. */
  readonly gflops: number;
}

export interface SamplingTarget {
  readonly kind: "sampling";
  readonly name: string;
  readonly summary: string;
  readonly system: string;
  /** A preset of the system, and sizes that differ from it. */
  readonly preset: string;
  readonly sizes?: Readonly<Record<string, unknown>>;
  readonly guidance: number;
  /** Script of the same pictures in PyTorch, in `bench/peers`. */
  readonly peer: string;
  readonly official?: OfficialTime;
  /** Leave out the start of the program, where a picture takes minutes. */
  readonly warmOnly?: true;
  readonly bars: SamplingBars;
}

export interface SamplingBars {
  /** Least rate of the transformer over the matrix rate, in fp32. */
  readonly transformerRate?: number;
  /** Most time of a picture over the official time at this machine's matrix rate. */
  readonly officialShare?: Readonly<Partial<Record<WeightFormat, number>>>;
  /** Most memory: a factor on the weights' bytes, and what comes on top. */
  readonly memory?: { readonly factor: number; readonly bytes: number };
  /** Most time from the start of the process over the steady time. */
  readonly coldStart?: number;
}

const sides = "with guidance, from its start to its PNG";

/** 310 M parameters and the tokenizer with 160 channels. */
export const varD16: SamplingTarget = {
  kind: "sampling",
  name: "var-d16",
  summary: `one 256×256 picture of VAR-d16 ${sides}`,
  system: "var",
  preset: "d16-256",
  guidance: 4,
  peer: "var_sample.py",
  // PyTorch 1.13 with OpenBLAS on two AVX2 cores; of these 3.6 s decode pixels
  official: { seconds: 19.6, gflops: 160 },
  bars: {
    transformerRate: 0.75,
    officialShare: { fp32: 0.42, int8: 0.32 },
    memory: { factor: 1.35, bytes: 1.2e9 },
    coldStart: 1.5,
  },
};

/** 2.0 G parameters: 8 GB of weights. */
export const varD30: SamplingTarget = {
  kind: "sampling",
  name: "var-d30",
  summary: `one 256×256 picture of VAR-d30 ${sides}`,
  system: "var",
  preset: "d30-256",
  guidance: 4,
  peer: "var_sample.py",
  warmOnly: true,
  bars: {},
};

/** The same at the size of a toy. */
export const varTiny: SamplingTarget = {
  kind: "sampling",
  name: "var-tiny",
  summary: `one 32×32 picture of a toy VAR ${sides}`,
  system: "var",
  preset: "tiny",
  guidance: 4,
  peer: "var_sample.py",
  bars: {},
};

/** 208 M parameters and KL-16, in the 64 steps that the official code has by default. */
export const marB: SamplingTarget = {
  kind: "sampling",
  name: "mar-b",
  summary: "one 256×256 picture of MAR-B in 64 steps with guidance, step by step",
  system: "mar",
  preset: "b-256",
  sizes: { steps: 64 },
  guidance: 2.9,
  peer: "mar_sample.py",
  warmOnly: true,
  bars: {},
};

/** The same at the size of a toy. */
export const marTiny: SamplingTarget = {
  kind: "sampling",
  name: "mar-tiny",
  summary: "one 32×32 picture of a toy MAR with guidance, step by step",
  system: "mar",
  preset: "tiny",
  guidance: 2.9,
  peer: "mar_sample.py",
  warmOnly: true,
  bars: {},
};
