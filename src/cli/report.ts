/** From anything that was thrown to the few lines that a person reads, and the exit code. */
import { inspect } from "node:util";
import { OrdoError } from "../errors.ts";
import { UsageError } from "./usage-error.ts";

export interface Report {
  /** The first line says what is wrong, the others what to do. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** What `--json` prints under `error`. */
  readonly data: {
    readonly code: string;
    readonly message: string;
    readonly problems?: readonly string[];
    readonly hint?: string;
  };
}

export function report(
  error: unknown,
  { verbose = false }: { readonly verbose?: boolean } = {},
): Report {
  const found = describe(error);
  if (!verbose) return found;
  return { ...found, lines: [...found.lines, ...inspect(error).split("\n")] };
}

function describe(error: unknown): Report {
  if (isDiskFull(error)) {
    const where = pathOf(error) || placeOf(error);
    const message = `the disk is full${where && `: could not write ${where}`}`;
    return failure("disk-full", message, "Free some space, or write elsewhere.");
  }
  if (error instanceof UsageError) return usage(error);
  if (error instanceof OrdoError) {
    const { where, expected, got, hint } = error.facts;
    const message = `${where}: expected ${expected}, got ${got}`;
    return failure(error.code, message, hint, error.code === "config" ? 2 : 1);
  }
  if (isSystemError(error)) {
    const words = systemWords[error.code] ?? error.message;
    return failure("system", error.path ? `${error.path}: ${words}` : words);
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  const hint = "This is a fault of Ordo: run it again with --verbose and report what it prints.";
  return failure("internal", message, hint);
}

function usage({ problems, hint, detail }: UsageError): Report {
  const [first = ""] = problems;
  const lines = problems.length === 1 ? [first] : [`${problems.length} bad values`, ...problems];
  const data = { code: "usage", message: problems.join("; "), problems, hint };
  return { lines: [...lines, ...(detail ? [detail] : []), remedy(hint)], exitCode: 2, data };
}

function failure(code: string, message: string, hint?: string, exitCode = 1): Report {
  const lines = hint ? [oneLine(message), remedy(hint)] : [oneLine(message)];
  return { lines, exitCode, data: { code, message, ...(hint ? { hint } : {}) } };
}

/** A hint that is a command is something to try; any other is a sentence. */
function remedy(hint: string): string {
  return /^(ordo|npm|npx) /.test(hint) ? `try: ${hint}` : hint;
}

function oneLine(message: string): string {
  // parts of a damaged file may be quoted: they must not control the terminal
  return message
    .trim()
    .replace(/\s*\n\s*/g, " ")
    .replace(/\p{Cc}/gu, "");
}

type SystemError = Error & { readonly code: string; readonly path?: string };

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EISDIR: "this is a folder, a file was expected",
  ENOTDIR: "this is a file, a folder was expected",
  EEXIST: "something else of this name is there already",
  EMFILE: "too many open files",
};

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** Also when another error wraps it, or a native library only says it in words. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return true;
  return /no space left on device/i.test(error.message) || isDiskFull(error.cause);
}

function pathOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("path" in error && typeof error.path === "string") return error.path;
  return pathOf(error.cause);
}

function placeOf(error: unknown): string {
  return error instanceof OrdoError ? error.facts.where : "";
}
