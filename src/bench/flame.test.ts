import { describe, expect, it } from "vitest";
import { flameOf } from "./flame.ts";
import { flameSvg } from "./flame-svg.ts";
import { summarizeProfile } from "./profile.ts";

const node = (name: string, kind: string, ms: number) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur: 1000 * ms,
  args: { op_name: kind },
});
const events = [
  node("blocks.0.mlp.fc1.weight/Gemm_1", "Gemm", 60),
  node("FastGelu_2", "FastGelu", 20),
  { cat: "Session", name: "model_run", dur: 100_000 },
];
const flame = flameOf("a <run> & more", summarizeProfile([{ name: "step", events }], 1));

describe("a flame", () => {
  it("nests phases, layers, parts and kinds, each as long as what it holds", () => {
    expect(flame).toMatchObject({
      ms: 100,
      children: [
        {
          name: "step",
          ms: 100,
          children: [
            {
              name: "blocks.0",
              ms: 80,
              children: [
                {
                  name: "mlp",
                  ms: 80,
                  children: [
                    { name: "Gemm", ms: 60, family: "product" },
                    { name: "FastGelu", ms: 20, family: "elementwise" },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it("is drawn to scale, with escaped texts and a title on every box", () => {
    const svg = flameSvg(flame);
    expect(svg).toContain("a &lt;run&gt; &amp; more");
    expect(svg).toContain("<title>step / blocks.0 / mlp / Gemm: 60.0 ms, 60.0 %, 1 node</title>");
    const widths = [...svg.matchAll(/<title>.*?width="([\d.]+)"/g)].map(([, w]) => Number(w));
    expect(widths).toHaveLength(6);
    const whole = 1600 - 32;
    const shares = [1, 1, 0.8, 0.8, 0.6, 0.2];
    widths.forEach((width, i) => {
      expect(width).toBeCloseTo(shares[i]! * whole - 0.6, 1);
    });
  });

  it("leaves out what would be too thin to see", () => {
    const thin = [node("a.b.w/Add_1", "Add", 1e-4), events[2]!];
    const svg = flameSvg(flameOf("x", summarizeProfile([{ name: "step", events: thin }], 1)));
    expect(svg).not.toContain("Add");
  });
});
