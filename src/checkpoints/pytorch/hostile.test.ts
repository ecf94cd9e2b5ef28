import { describe, expect, it } from "vitest";
import { counting, floats, opening, refusal, saved } from "../../../test/checkpoints/open-torch.ts";
import { Call, TorchTensor } from "../../../test/checkpoints/pickle-writer.ts";

describe("a hostile file", () => {
  const evil = new Call("os.system", ["touch /tmp/owned"]);
  const weights = floats("0", [2]);

  it("runs nothing, and names all globals that do not belong there", async () => {
    const bytes = saved(
      { w: weights, x: evil, y: new Call("builtins.eval", ["1"]) },
      {
        0: counting(2),
      },
    );
    expect(await refusal(bytes)).toBe(
      "FILE: expected only names that belong to weights and settings, got os.system, builtins.eval. " +
        "Nothing was run. To read only the weights beside them, name their dict with --key",
    );
  });

  it("gives the dict that is named, whatever lies beside it", async () => {
    const bytes = saved({ model: { w: weights }, x: evil }, { 0: counting(2) });
    expect(await opening(bytes, (file) => file.entries.length, { key: "model" })).toBe(1);
  });

  it.each<[string, Buffer, string]>([
    [
      "an unknown opcode",
      Buffer.of(0x80, 2, 0xff),
      "byte 2 (opcode 0xff): expected an opcode of torch.save",
    ],
    [
      "an opcode of old Pythons",
      Buffer.from("\x80\x02i", "latin1"),
      "(opcode INST): expected an opcode",
    ],
    [
      "a stack that runs empty",
      Buffer.from("\x80\x02t", "latin1"),
      "(opcode TUPLE): expected a mark on the stack",
    ],
    [
      "a memo that is not there",
      Buffer.from("\x80\x02h\x05", "latin1"),
      "expected a value number 5, got none",
    ],
    [
      "a text longer than the file",
      Buffer.of(0x58, 255, 255, 255, 255),
      "expected 4294967295 more bytes",
    ],
    [
      "a call of a text",
      Buffer.from("X\x01\x00\x00\x00a)R.", "latin1"),
      "expected a class or function by name",
    ],
    ["no end", Buffer.of(0x80, 2, 0x4e), "expected 1 more bytes, got 0"],
  ])("with %s is refused in one line", async (_, rawPickle, said) => {
    expect(await refusal(saved(null, {}, { rawPickle }))).toContain(said);
  });

  it.each<[string, TorchTensor, string]>([
    [
      "a tensor past its storage",
      new TorchTensor("0", "FloatStorage", 2, [3]),
      "to end within the 2 elements",
    ],
    [
      "an offset past its storage",
      new TorchTensor("0", "FloatStorage", 2, [1], { offset: 2 }),
      "an end at 3",
    ],
    [
      "a storage of another size",
      new TorchTensor("0", "FloatStorage", 3, [1]),
      "expected 12 bytes in the storage",
    ],
    [
      "a storage that is not there",
      new TorchTensor("9", "FloatStorage", 3, [1]),
      'expected the storage "9", got none',
    ],
    [
      "more elements than there are numbers",
      new TorchTensor("0", "FloatStorage", 2, [2 ** 40, 2 ** 40], { strides: [0, 0] }),
      "fewer than 2^53 elements",
    ],
    [
      "a terabyte out of one number",
      new TorchTensor("0", "FloatStorage", 2, [2 ** 38], { strides: [0] }),
      "expected tensors of at most",
    ],
    [
      "a negative size",
      new TorchTensor("0", "FloatStorage", 2, [-1]),
      "a tensor's shape from 0 to 2^53",
    ],
  ])("with %s allocates nothing and is refused", async (_, tensor, said) => {
    expect(await refusal(saved({ tensor }, { 0: counting(2) }))).toContain(said);
  });

  it("that holds itself, or is nested without end, is refused", async () => {
    // a list that is memoised and appended to itself, inside a dict
    const itself = Buffer.from("\x80\x02}X\x01\x00\x00\x00a]q\x00h\x00as.", "latin1");
    expect(await refusal(saved(null, {}, { rawPickle: itself }), { key: "a" })).toContain(
      "expected at most 64 levels of nesting",
    );
    // forty lists, each of which holds the one before twice: 2^40 ways to the bottom
    const doubled = Array.from(
      { length: 40 },
      (_, i) =>
        `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`,
    );
    const bomb = Buffer.from(
      `\x80\x02}X\x01\x00\x00\x00a]q\x00${doubled.join("0").replace(/^/, "0")}s.`,
      "latin1",
    );
    expect(await refusal(saved(null, {}, { rawPickle: bomb }), { key: "a" })).toContain(
      "expected at most 1000000 nested values",
    );
  });

  it("of other programs is named", async () => {
    const script = saved({ w: weights }, { 0: counting(2) }, { extra: { "code/a.py": "" } });
    expect(await refusal(script)).toContain("got a TorchScript program");
    const big = saved({ w: weights }, { 0: counting(2) }, { extra: { byteorder: "big" } });
    expect(await refusal(big)).toContain("got big-endian ones");
    expect(await refusal(Buffer.from("not a checkpoint"))).toContain("got another format");
    const packed = saved({ w: weights }, { 0: counting(2) });
    packed.writeUInt16LE(8, packed.indexOf("PK\x01\x02") + 10);
    expect(await refusal(packed)).toContain("got a compressed or encrypted one");
    expect(await refusal(saved(null).subarray(0, 100))).toContain("no directory");
  });
});
