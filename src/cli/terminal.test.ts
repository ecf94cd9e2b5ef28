import { describe, expect, it } from "vitest";
import { TextSink } from "./captured.ts";
import { createTerminal, wantsColor } from "./terminal.ts";

function terminalOn(stderr: TextSink, options: { quiet?: boolean; verbose?: boolean } = {}) {
  return createTerminal({ stdout: new TextSink(), stderr, env: {}, ...options });
}

describe("terminal", () => {
  it("writes notes, warnings and errors to stderr, details only when verbose", () => {
    const stderr = new TextSink();
    const terminal = terminalOn(stderr);
    terminal.note("a note");
    terminal.detail("a detail");
    terminal.warn("careful");
    terminal.error(["it broke", "try: ordo doctor"]);
    expect(stderr.text).toBe("a note\nwarning: careful\nerror: it broke\n  try: ordo doctor\n");
    const verbose = new TextSink();
    terminalOn(verbose, { verbose: true }).detail("a detail");
    expect(verbose.text).toBe("a detail\n");
  });

  it("is silent about notes and progress when quiet, not about warnings", () => {
    const stderr = new TextSink();
    const terminal = terminalOn(stderr, { quiet: true });
    terminal.note("a note");
    terminal.progress({ label: "work", total: 1 }).update(1);
    terminal.warn("careful");
    expect(stderr.text).toBe("warning: careful\n");
  });

  it("draws a bar only on a terminal and clears its line for other text", () => {
    const plain = new TextSink();
    terminalOn(plain).progress({ label: "work", total: 2 }).update(2);
    expect(plain.text).toBe("work 2/2\n");
    const stderr = new TextSink();
    stderr.isTTY = true;
    const terminal = terminalOn(stderr);
    const progress = terminal.progress({ label: "work", total: 2 });
    progress.update(1);
    terminal.note("between");
    expect(stderr.text).toContain("\r\u001b[Kbetween\n");
    terminal.close();
    stderr.text = "";
    terminal.note("after");
    expect(stderr.text).toBe("after\n");
  });
});

describe("wantsColor", () => {
  const tty = Object.assign(new TextSink(), { isTTY: true });
  const pipe = new TextSink();

  it("follows the stream unless the environment or the flag say otherwise", () => {
    expect(wantsColor(tty, {})).toBe(true);
    expect(wantsColor(pipe, {})).toBe(false);
    expect(wantsColor(tty, { TERM: "dumb" })).toBe(false);
    expect(wantsColor(tty, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor(pipe, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColor(tty, { FORCE_COLOR: "0" })).toBe(false);
    expect(wantsColor(pipe, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(wantsColor(pipe, { FORCE_COLOR: "1" }, false)).toBe(false);
  });
});
