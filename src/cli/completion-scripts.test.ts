import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { runCaptured } from "./captured.ts";
import { type Command, defineCommand } from "./command.ts";
import { bashScript, fishScript, zshScript } from "./completion-scripts.ts";
import { device, guidance, output } from "./options.ts";
import { text } from "./schemas.ts";

const draw: Command = defineCommand({
  name: "draw",
  summary: "Draws what it's told [in colour]: fast.",
  examples: [],
  arguments: {
    what: { summary: "what", schema: text("a word"), suggest: () => ["cat", "rocket"] },
  },
  options: { device, guidance, output },
  run: async () => ({ data: {}, text: "" }),
});

/** What bash offers after these words, the last one unfinished. */
function offered(...words: string[]): string[] {
  const quoted = ["ordo", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${bashScript([draw])}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _ordo; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
}

describe("completion", () => {
  it("offers commands, then arguments and flags, then values in bash", () => {
    expect(offered("d")).toEqual(["draw"]);
    expect(offered("draw", "ro")).toEqual(["rocket"]);
    expect(offered("--json", "draw", "--g")).toEqual(["--guidance"]);
    expect(offered("draw", "--cf")).toEqual(["--cfg", "--cfg-scale"]);
    expect(offered("draw", "--device", "")).toEqual([
      "auto",
      "cpu",
      "webgpu",
      "cuda",
      "coreml",
      "dml",
    ]);
    expect(offered("draw", "-o", "x")).toEqual([]);
  });

  it("escapes summaries for zsh and fish", () => {
    expect(zshScript([draw])).toContain("'draw:Draws what it'\\''s told [in colour]: fast.'");
    expect(zshScript([draw])).toContain(
      "'--device[what computes\\: cpu, webgpu, cuda, coreml, dml, or auto]:value:(auto cpu webgpu cuda coreml dml)'",
    );
    expect(fishScript([draw])).toContain(
      "complete -c ordo -n '__fish_seen_subcommand_from draw' -l device -xa 'auto cpu webgpu cuda coreml dml' -d",
    );
  });

  it("covers all commands of the program", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await runCaptured(["completion", shell]);
      expect(code).toBe(0);
      expect(stdout).toContain("doctor");
    }
    expect((await runCaptured(["completion", "tcsh"])).code).toBe(2);
  });
});
