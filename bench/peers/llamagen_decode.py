"""All tokens of a picture of LlamaGen with random weights in PyTorch, to be timed beside ours."""

import torch
import torch.nn.functional as F
from torch import nn

from turns import DEVICE, SETTINGS, draw_in_turns

SIZES = SETTINGS["sizes"]
WIDTH, HEADS, DEPTH, HIDDEN = SIZES["width"], SIZES["heads"], SIZES["depth"], SIZES["hidden"]
CODES, GRID = SIZES["tokenizer"]["codebookSize"], SIZES["tokenizer"]["grid"]
TOKENS, SIZE, GUIDANCE = GRID["height"] * GRID["width"], WIDTH // HEADS, 2.0


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotated(x, angles):
    a, b = x.view(*x.shape[:-1], -1, 2).unbind(-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = Norm(), Norm()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.projection = nn.Linear(WIDTH, WIDTH, bias=False)
        self.gate = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.up = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.down = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x, angles, cache, place):
        q, k, v = self.qkv(self.norm1(x)).view(2, 1, 3, HEADS, SIZE).permute(2, 0, 3, 1, 4)
        cache[0][:, :, place : place + 1] = rotated(k, angles)
        cache[1][:, :, place : place + 1] = v
        keys, values = cache[0][:, :, : place + 1], cache[1][:, :, : place + 1]
        weights = torch.softmax(rotated(q, angles).to(keys.dtype) @ keys.transpose(-1, -2) * SIZE**-0.5, -1)
        x = x + self.projection((weights.to(values.dtype) @ values).transpose(1, 2).reshape(2, 1, WIDTH))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class LlamaGen(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(CODES, WIDTH)
        self.classes = nn.Embedding(1001, WIDTH)
        self.blocks = nn.ModuleList([Block() for _ in range(DEPTH)])
        self.norm = Norm()
        self.logits = nn.Linear(WIDTH, CODES, bias=False)
        half = torch.arange(SIZE // 4) / (SIZE // 4)
        rows = torch.arange(TOKENS)[:, None]
        places = torch.cat([rows // GRID["width"], rows % GRID["width"]], 1)[:, :, None]
        angles = (places / 10000.0**half).flatten(1)
        self.register_buffer("angles", torch.cat([torch.zeros(1, SIZE // 2), angles]))

    def draw(self):
        kept = (torch.zeros(2, HEADS, TOKENS, SIZE, device=DEVICE) for _ in range(2 * DEPTH))
        caches = list(zip(kept, kept))
        x = self.classes(torch.tensor([[1], [1000]], device=DEVICE))
        for place in range(TOKENS):
            for block, cache in zip(self.blocks, caches):
                x = block(x, self.angles[place], cache, place)
            conditional, unconditional = self.logits(self.norm(x))[:, -1].float().chunk(2)
            logits = unconditional + GUIDANCE * (conditional - unconditional)
            drawn = torch.softmax(logits, -1).multinomial(1)
            x = self.words(drawn).repeat(2, 1, 1)
        return drawn.item()


draw_in_turns(LlamaGen().to(DEVICE), LlamaGen.draw)
