import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { CheckpointError, ConfigError } from "../errors.ts";
import { type CaptureOptions, runCaptured } from "./captured.ts";
import { type Command, type CommandContext, defineCommand } from "./command.ts";
import { count, device, force, guidance, output, seed, sizeOption, topK, topP } from "./options.ts";
import { text } from "./schemas.ts";

type Body = (context: CommandContext, values: object) => Promise<object>;

/** A command with the inputs of `generate`, and a body of the test's own. */
function draw(body: Body = async (_context, values) => values): Command {
  return defineCommand({
    name: "draw",
    summary: "Draws pictures from a prompt.",
    examples: ['ordo draw "red apple" -n 4 --seed 7'],
    arguments: { prompt: { summary: "what to draw", schema: text("a prompt") } },
    options: { count, seed, guidance, topK, topP, size: sizeOption, device, output, force },
    run: async (context, values) => {
      const data = await body(context, values);
      return { data, text: Object.keys(data).join(" ") };
    },
  });
}

function run(argv: readonly string[], options: CaptureOptions & { readonly body?: Body } = {}) {
  const { body, ...rest } = options;
  return runCaptured(argv, { commands: { draw: async () => draw(body) }, ...rest });
}

describe("main", () => {
  it("shows the commands when it is called alone", async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "Visual autoregressive generation: images drawn token by token.

      Examples
        ordo draw "red apple" -n 4 --seed 7

      Usage
        ordo <command> [options]

      Commands
        draw  Draws pictures from a prompt.

      On every command
            --json      one machine-readable object on stdout
        -q, --quiet     no progress, no notes
        -v, --verbose   details, and the stack of an error
            --no-color  plain text
            --version   print the version
        -h, --help      print this help
      "
    `);
  });

  it("shows examples first in the help of a command", async () => {
    const { stdout } = await run(["draw", "--help"]);
    expect(stdout).toMatchInlineSnapshot(`
      "Draws pictures from a prompt.

      Examples
        ordo draw "red apple" -n 4 --seed 7

      Usage
        ordo draw <prompt> [options]

      Arguments
        prompt  what to draw

      Options
        -n, --count <number>    how many pictures (default 1)
        -s, --seed <number>     where randomness starts; picture i of a batch has seed + i
            --guidance <scale>  how strongly to follow the condition; 1 is off (also --cfg, --cfg-scale)
            --top-k <number>    sample from the k likeliest tokens; 0 is off
            --top-p <share>     sample from the likeliest tokens that hold this share; 1 is off
            --size <size>       width x height in pixels: 64 or 64x96
            --device <name>     what computes: cpu, webgpu, cuda, coreml, dml, or auto (default cpu; or ORDO_DEVICE)
        -o, --output <path>     a folder, a file, or a pattern with {prompt} {seed} {index} {model}
            --force             overwrite existing files

      On every command
            --json      one machine-readable object on stdout
        -q, --quiet     no progress, no notes
        -v, --verbose   details, and the stack of an error
            --no-color  plain text
            --version   print the version
        -h, --help      print this help
      "
    `);
    expect((await run(["help", "draw"])).stdout).toBe(stdout);
    expect((await run(["-h", "draw"])).stdout).toBe(stdout);
  });

  it("prints its version", async () => {
    const { code, stdout } = await run(["--version"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("gives the command its values, with defaults and under all their names", async () => {
    const { code, stdout } = await run(["draw", "red apple", "--json", "--cfg", "2.5", "-s", "7"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      prompt: "red apple",
      count: 1,
      seed: 7,
      guidance: 2.5,
      device: "cpu",
      force: false,
    });
    const other = await run(["--json", "draw", "--cfg-scale=2.5", "--seed=7", "--", "-v"]);
    expect(JSON.parse(other.stdout)).toMatchObject({ prompt: "-v", guidance: 2.5, seed: 7 });
  });

  it("reads the environment where a flag is absent, and names it when it is wrong", async () => {
    const env = { ORDO_DEVICE: "webgpu" };
    const { stdout } = await run(["draw", "x", "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ device: "webgpu" });
    const flagged = await run(["draw", "x", "--json", "--device", "cpu"], { env });
    expect(JSON.parse(flagged.stdout)).toMatchObject({ device: "cpu" });
    const wrong = await run(["draw", "x"], { env: { ORDO_DEVICE: "abacus" } });
    expect(wrong.stderr).toContain(
      "ORDO_DEVICE: expected one of auto, cpu, webgpu, cuda, coreml, dml, got",
    );
  });

  it("prints text for people, or exactly one object", async () => {
    expect((await run(["draw", "x"], { body: async () => ({ files: [] }) })).stdout).toBe(
      "files\n",
    );
    const { stdout } = await run(["draw", "x", "--json"], { body: async () => ({ files: [] }) });
    expect(JSON.parse(stdout)).toEqual({ files: [] });
  });

  it("collects all bad values in one message", async () => {
    const words = ["draw", "--count", "many", "--seed", "-1", "--top-p", "3", "--size", "big"];
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "error: 5 bad values
        prompt: expected a prompt, got nothing
        --count: expected a whole number from 1 to 100000, got "many"
        --seed: expected a whole number from 0 to 4294967295, got "-1"
        --top-p: expected a number above 0 to 1, got "3"
        --size: expected a size in pixels such as 64 or 64x96, got "big"
        try: ordo draw --help
      "
    `);
  });

  it("answers unknown words with the near ones", async () => {
    const errors = [
      ["drw", "x"],
      ["draw", "x", "--sed", "7"],
      ["--jsn"],
      ["draw", "red", "apple"],
      ["draw", "x", "--seed"],
      ["banana"],
    ].map(async (argv) => {
      const { code, stderr } = await run(argv);
      return `${code} ${stderr}`;
    });
    expect((await Promise.all(errors)).join("")).toMatchInlineSnapshot(`
      "2 error: unknown command drw: did you mean draw?
        try: ordo --help
      2 error: unknown option --sed: did you mean --seed?
        try: ordo draw --help
      2 error: unknown option --jsn: did you mean --json?
        try: ordo --help
      2 error: draw: there is no place for "apple"
        Put quotes around words that belong together.
      2 error: --seed: expected a value, got nothing
        try: ordo draw --help
      2 error: unknown command banana
        try: ordo --help
      "
    `);
  });

  it("turns errors into lines and exit codes, and into an object under --json", async () => {
    const facts = { where: "model.safetensors", expected: "512 bytes", got: "80" };
    const failing = async (): Promise<never> => {
      throw new CheckpointError({ ...facts, hint: "ordo doctor" });
    };
    const { code, stdout, stderr } = await run(["draw", "x", "--json"], { body: failing });
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: model.safetensors: expected 512 bytes, got 80\n  try: ordo doctor\n",
    );
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "checkpoint",
        message: "model.safetensors: expected 512 bytes, got 80",
        hint: "ordo doctor",
      },
    });
    const config = async (): Promise<never> => {
      throw new ConfigError(facts);
    };
    expect((await run(["draw", "x"], { body: config })).code).toBe(2);
  });

  it("prints a stack only under --verbose", async () => {
    const body = async (): Promise<never> => {
      throw new Error("slipped");
    };
    expect((await run(["draw", "x"], { body })).stderr).not.toContain("main.test.ts");
    expect((await run(["draw", "x", "--verbose"], { body })).stderr).toContain("main.test.ts");
  });
});

describe("Ctrl-C", () => {
  /** Works until it is told to stop, as a training run does. */
  const steps: Body = async ({ signal }) => {
    while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    return { saved: true };
  };

  it("lets the step finish and exits 130 with the result", async () => {
    const signals = new EventEmitter();
    setTimeout(() => signals.emit("SIGINT"), 20);
    const { code, stdout, stderr } = await run(["draw", "x", "--json"], { signals, body: steps });
    expect({ code, data: JSON.parse(stdout) }).toEqual({ code: 130, data: { saved: true } });
    expect(stderr).toContain("stopping after this step");
    expect(signals.listenerCount("SIGINT")).toBe(0);
  });

  it("takes an abort that the command throws for a stop, not for a failure", async () => {
    const signals = new EventEmitter();
    setTimeout(() => signals.emit("SIGTERM"), 20);
    const body: Body = async (context, values) => {
      await steps(context, values);
      throw context.signal.reason;
    };
    const { code, stderr } = await run(["draw", "x"], { signals, body });
    expect(code).toBe(143);
    expect(stderr).not.toContain("error");
  });

  it("exits at once the second time, but not for one key that arrives twice", async () => {
    const signals = new EventEmitter();
    const exits: number[] = [];
    const body: Body = async () => {
      signals.emit("SIGINT");
      signals.emit("SIGINT");
      expect(exits).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 150));
      signals.emit("SIGINT");
      return {};
    };
    await run(["draw", "x"], { signals, body, exit: (code) => exits.push(code) });
    expect(exits).toEqual([130]);
  });
});
