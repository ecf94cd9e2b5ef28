import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

describe("nearest", () => {
  const commands = ["generate", "edit", "train", "tokenize", "systems", "doctor"];

  it("finds a word with a letter missing, wrong, doubled or swapped", () => {
    for (const slip of ["generte", "genarate", "genneratte", "egnerate"]) {
      expect(nearest(slip, commands)).toEqual(["generate"]);
    }
  });

  it("finds a word by its beginning, but not by one letter", () => {
    expect(nearest("gen", commands)).toEqual(["generate"]);
    expect(nearest("x", commands)).toEqual([]);
  });

  it("puts the closest first and leaves far words out", () => {
    expect(nearest("--top", ["--top-k", "--top-p", "--stop"])).toEqual([
      "--stop",
      "--top-k",
      "--top-p",
    ]);
    expect(nearest("banana", commands)).toEqual([]);
  });
});
