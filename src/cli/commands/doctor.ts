import { type Command, defineCommand } from "../command.ts";
import { table } from "../table.ts";
import type { Colors } from "../terminal.ts";
import { type Check, type Finding, plainChecks, type State } from "./doctor-checks.ts";
import { engineChecks } from "./engine-checks.ts";

/** What works on this machine. */
export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "Shows what works on this machine, and what to do about the rest.",
  examples: ["ordo doctor", "ordo doctor --json"],
  arguments: {},
  options: {},
  async run({ terminal, env }) {
    const findings = await examine([...plainChecks, ...engineChecks], env);
    const failed = findings.some(({ state }) => state === "failed");
    return {
      data: { ok: !failed, checks: findings },
      text: inWords(findings, terminal.colors),
      exitCode: failed ? 1 : 0,
    };
  },
});

export type NamedFinding = Finding & { readonly name: string };

/** Runs all checks in turn; one that throws has failed, and the others go on. */
export async function examine(
  checks: readonly Check[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<NamedFinding[]> {
  const findings: NamedFinding[] = [];
  for (const { name, run } of checks) {
    const finding = await run(env).catch(
      (error: unknown): Finding => ({
        state: "failed",
        detail: (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "",
        hint: "Install the package again; install scripts are not needed.",
      }),
    );
    findings.push({ name, ...finding });
  }
  return findings;
}

function inWords(findings: readonly NamedFinding[], colors: Colors): string {
  const paint: Readonly<Record<State, (text: string) => string>> = {
    ok: colors.green,
    absent: colors.dim,
    warning: colors.yellow,
    failed: colors.red,
  };
  const rows = findings.flatMap(({ name, state, detail, hint }) => [
    [paint[state](state), name, detail],
    ...(hint ? [["", "", hint]] : []),
  ]);
  const counts = (["failed", "warning"] as const).map((state) => {
    const count = findings.filter((finding) => finding.state === state).length;
    return `${count} ${state === "failed" ? "failed" : count === 1 ? "warning" : "warnings"}`;
  });
  return `${table([], rows)}\n\n${counts.join(", ")}`;
}
