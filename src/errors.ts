/**
 * What Ordo throws. Every error names where it happened, what was expected, what came instead and,
 * where there is one, the remedy; the command line prints exactly that one line.
 */

/** The facts of an error; its message is made from them. */
export interface ErrorFacts {
  /** The parameter path, file, option or op at fault: `var.blocks.3.attention`, `--size`. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** One sentence: the likely cause, or what to do now. */
  readonly hint?: string;
}

export type ErrorCode =
  | "shape"
  | "dtype"
  | "config"
  | "checkpoint"
  | "device"
  | "data"
  | "training"
  | "cancelled";

/** Base of all errors that Ordo raises on purpose. Anything else that escapes is a bug in Ordo. */
export class OrdoError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts, options?: ErrorOptions) {
    super(sentence(facts), options);
    // not the class's own name, which the browser's bundle shortens
    this.name =
      new.target === OrdoError ? "OrdoError" : `${code[0]!.toUpperCase()}${code.slice(1)}Error`;
    this.code = code;
    this.facts = facts;
  }
}

function sentence({ where, expected, got, hint }: ErrorFacts): string {
  const head = `${where}: expected ${expected}, got ${got}`;
  return hint ? `${head}. ${hint}` : head;
}

/** Shapes that do not fit; raised while a graph is traced. */
export class ShapeError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("shape", facts, options);
  }
}

/** An element type that an op does not take. */
export class DtypeError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("dtype", facts, options);
  }
}

/** Options, recipes and configuration files that make no sense. */
export class ConfigError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("config", facts, options);
  }
}

/** Weight files that are damaged, hostile or made for another model. */
export class CheckpointError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("checkpoint", facts, options);
  }
}

/** An engine or device that is missing or failed. */
export class DeviceError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("device", facts, options);
  }
}

/** Pictures and data sets that cannot be used. */
export class DataError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("data", facts, options);
  }
}

/** A training run that cannot go on. */
export class TrainingError extends OrdoError {
  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super("training", facts, options);
  }
}
