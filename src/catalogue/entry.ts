/** What the catalogue knows of a paper before any of it is built. */
import type { Classes, Role } from "./taxonomy.ts";

/** The parts that a system changes in its base (sheet survey: `changes`). */
export type Change =
  | "tokenizer"
  | "order"
  | "mask"
  | "network"
  | "head"
  | "conditioning"
  | "decode"
  | "objective";

export interface OfficialCode {
  /** On GitHub: `owner/name`. */
  readonly repository: string;
  /** As the owner calls it; absent where no licence was found. */
  readonly licence?: string;
  /** What a visitor should know: `placeholder only`. */
  readonly note?: string;
}

export interface Entry {
  /** The name of the sheet, and of the system once it is in the code. */
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  /** Of the paper. */
  readonly title: string;
  /** Family names, at most three. */
  readonly authors: string;
  /** Of the first version. */
  readonly year: number;
  /** Number on arXiv: `2404.02905`. */
  readonly arxiv: string;
  readonly code?: OfficialCode;
  readonly role: Role;
  /** Here because other systems stand on it, not for a claim of its own. */
  readonly foundation?: true;
  /** Names of the entries it builds on. */
  readonly bases: readonly string[];
  /** Which of their parts it replaces; empty without a base. */
  readonly changes: readonly Change[];
  /**
   * The parts that the sheet leads one to expect. Of a system in the code they are only compared with
   * what its own parts declare; absent where nothing is generated.
   */
  readonly plan?: Classes;
  /** The command of `ordo` that it is, where it is a program and no composition of parts. */
  readonly command?: string;
}
